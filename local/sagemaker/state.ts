import { Arns } from './arns';
import { CompilationJobs } from './compilation-jobs';
import { ContainerJobRunner } from './container-job/life';
import type { Context } from './context';
import type { StandInOptions } from './contracts';
import { Devices } from './devices';
import { Faults } from './faults';
import { Fleets } from './fleets';
import { EndpointConfigs } from './hosting/endpoint-configs';
import { Endpoints } from './hosting/endpoints';
import { Models } from './hosting/models';
import { JobRunner } from './job';
import { PackagingJobs } from './packaging-jobs';
import { ProcessingJobs } from './processing/jobs';
import { Domains } from './studio/domains';
import { StudioImages } from './studio/images';
import { Life } from './studio/life';
import { People } from './studio/people';
import { TagStore } from './tags';
import { Mlflow } from './tracking/mlflow';
import { TrainingJobs } from './training/jobs';
import type { EdgeOperations, SageMakerOperations } from './types';

/** Everything that exists in the stand-in; a reset throws it away and starts with another. */
export class SageMakerState {
  public readonly faults = new Faults();
  public readonly operations: SageMakerOperations;
  public readonly edgeOperations: EdgeOperations;
  public readonly endpoints: Endpoints;
  public readonly mlflow: Mlflow;
  private readonly runner: JobRunner;
  private readonly containerRunner: ContainerJobRunner;
  private readonly life: Life;
  private readonly parts: Readonly<Record<string, { state(): readonly object[] }>>;

  public constructor(options: StandInOptions) {
    this.runner = new JobRunner(options.delays ?? {});
    this.containerRunner = new ContainerJobRunner(options.delays ?? {});
    this.life = new Life(options.studioMs);
    const tags = new TagStore();
    const context: Context = {
      options, arns: new Arns(options), tags, runner: this.runner, containerRunner: this.containerRunner, faults: this.faults,
    };
    const compilations = new CompilationJobs(context);
    const packagings = new PackagingJobs(context, compilations);
    const fleets = new Fleets(context);
    const devices = new Devices(context, fleets);
    const processings = new ProcessingJobs(context);
    const trainings = new TrainingJobs(context);
    const models = new Models(context);
    const configs = new EndpointConfigs(context, models);
    this.endpoints = new Endpoints(context, models, configs);
    const images = new StudioImages(context, this.life);
    const domains = new Domains(context, this.life, images);
    const people = new People(context, this.life, domains, images);
    this.mlflow = new Mlflow(context, this.life);
    this.parts = {
      compilationJobs: compilations, edgePackagingJobs: packagings, deviceFleets: fleets, devices,
      processingJobs: processings, trainingJobs: trainings,
      models, endpointConfigs: configs, endpoints: this.endpoints,
      studioDomains: domains, studioImages: images, studioPeople: people, mlflow: this.mlflow,
    };
    this.operations = {
      ...compilations.operations(), ...packagings.operations(), ...fleets.operations(), ...devices.operations(), ...tags.operations(),
      ...processings.operations(), ...trainings.operations(),
      ...models.operations(), ...configs.operations(), ...this.endpoints.operations(),
      ...domains.operations(), ...images.operations(), ...people.operations(), ...this.mlflow.operations(),
    };
    this.edgeOperations = devices.edgeOperations();
  }

  /** Each record as its Describe operation gives it, and its tags. */
  public records(): object {
    return Object.fromEntries(Object.entries(this.parts).map(([name, part]) => [name, part.state()]));
  }

  /** Ends all jobs, endpoints and servers. */
  public async close(): Promise<void> {
    const servers = this.life.close().then(async () => this.mlflow.close()); // none begins after that
    await Promise.all([this.mlflow.close(), servers, this.runner.close(), this.containerRunner.close(), this.endpoints.close()]);
  }
}
