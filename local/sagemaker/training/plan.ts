import { posix } from 'node:path';
import { tar } from '../archive';
import type { ContainerJobOptions } from '../container-job/contracts';
import type { ContainerPlan, JobEnd } from '../container-job/life';
import { JobProgram } from '../container-job/program';
import type { JobRoot } from '../container-job/root';
import type { Transfers } from '../container-job/transfers';
import type { JobFault } from '../faults';
import type { TrainingRequest } from '../types';
import type { LogMetrics } from './metrics';

const INPUT = '/opt/ml/input';
const MODEL = '/opt/ml/model';
const OUTPUT = '/opt/ml/output';
const FAILURE_CHARACTERS = 1024;
/** One day, as the service has it for a job that says nothing. */
const DEFAULT_SECONDS = 86_400;

/** What a training job's plan works with. */
export interface TrainingParts {
  readonly arn: string;
  readonly request: TrainingRequest;
  readonly root: JobRoot;
  readonly transfers: Transfers;
  readonly options: ContainerJobOptions;
  readonly metrics: LogMetrics;
  readonly fault: JobFault | undefined;
  readonly onModel: (uri: string) => void;
}

/** The folder contract of https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html. */
export class TrainingPlan implements ContainerPlan {
  public readonly maxRuntimeSeconds: number;
  public readonly fault: JobFault | undefined;
  private readonly program: JobProgram;

  public constructor(private readonly parts: TrainingParts) {
    const { arn, request, options, metrics } = parts;
    const { TrainingJobName, RoleArn, AlgorithmSpecification, Environment = {}, StoppingCondition } = request;
    this.maxRuntimeSeconds = StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_SECONDS;
    this.fault = parts.fault;
    this.program = new JobProgram(options, {
      jobName: TrainingJobName, roleArn: RoleArn, image: AlgorithmSpecification?.TrainingImage ?? '',
      environment: { TRAINING_JOB_NAME: TrainingJobName, TRAINING_JOB_ARN: arn, ...Environment },
      // without an entry point of the request, SageMaker runs `docker run <image> train`
      command: [...AlgorithmSpecification?.ContainerEntrypoint ?? ['train'], ...AlgorithmSpecification?.ContainerArguments ?? []],
      logGroup: '/aws/sagemaker/TrainingJobs',
      onLine: (line) => {
        metrics.read(line);
      },
    });
  }

  public async prepare(): Promise<void> {
    const { request: { HyperParameters = {}, InputDataConfig = [], ResourceConfig, AlgorithmSpecification }, root, transfers } = this.parts;
    const channels = InputDataConfig.map(({ ChannelName, InputMode, DataSource: { S3DataSource }, RecordWrapperType = 'None', ContentType }) => [
      ChannelName, {
        TrainingInputMode: InputMode ?? AlgorithmSpecification?.TrainingInputMode, ContentType, RecordWrapperType,
        S3DistributionType: S3DataSource?.S3DataDistributionType ?? 'FullyReplicated',
      },
    ] as const);
    await root.write(`${INPUT}/config/hyperparameters.json`, root.translated(JSON.stringify(HyperParameters)));
    await root.write(`${INPUT}/config/inputdataconfig.json`, JSON.stringify(Object.fromEntries(channels)));
    await root.write(`${INPUT}/config/resourceconfig.json`, JSON.stringify({
      current_host: 'algo-1', current_instance_type: ResourceConfig?.InstanceType, hosts: ['algo-1'], network_interface_name: 'lo',
    }));
    await root.makeFolder(MODEL);
    await root.makeFolder(`${OUTPUT}/data`);
    for (const { ChannelName, DataSource: { S3DataSource } } of InputDataConfig) {
      await transfers.download(S3DataSource?.S3Uri ?? '', `${INPUT}/data/${ChannelName}`);
    }
  }

  public async run(signal: AbortSignal): Promise<number> {
    return this.program.run(this.parts.root, signal);
  }

  /** A job that was stopped leaves the model that it had, one that failed its other output alone. */
  public async finish(end: JobEnd): Promise<void> {
    const { root } = this.parts;
    const output = await root.files(`${OUTPUT}/data`);
    if (output.size > 0) {
      await this.put('output.tar.gz', await tar(output));
    }
    if (end !== 'failed') {
      this.parts.onModel(await this.put('model.tar.gz', await tar(await root.files(MODEL))));
    }
  }

  public async failure(exitCode: number): Promise<string> {
    const told = (await this.parts.root.read(`${OUTPUT}/failure`))?.toString('utf8').slice(0, FAILURE_CHARACTERS) ?? '';
    return `AlgorithmError: ${told}, exit code: ${exitCode}`;
  }

  public async dispose(): Promise<void> {
    await Promise.all([this.program.revoke(), this.parts.root.remove()]);
  }

  private async put(name: string, content: Buffer): Promise<string> {
    const { request: { OutputDataConfig: { S3OutputPath, KmsKeyId }, TrainingJobName }, transfers } = this.parts;
    return transfers.put(S3OutputPath, posix.join(TrainingJobName, 'output', name), content, KmsKeyId);
  }
}
