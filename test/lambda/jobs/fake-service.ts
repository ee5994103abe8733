import type { CreateCompilationJobCommandInput, CreateEdgePackagingJobCommandInput } from '@aws-sdk/client-sagemaker';
import type { CompilationJobDescription, JobsClient, PackagingJobDescription } from '../../../lambda/jobs/dependencies';
import { checkInput } from '../../../local/service/check-input';

/** An error as the SDK throws it. */
export class ServiceFault extends Error {
  public readonly $metadata: { readonly httpStatusCode: number };
  public constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}

export const throttled = () => new ServiceFault('ThrottlingException', 'Rate exceeded');
export const roleNotReady = () => new ServiceFault(
  'ValidationException',
  'Could not assume role arn:aws:iam::111122223333:role/Exec. '
  + 'Please ensure that the role exists and allows principal \'sagemaker.amazonaws.com\' to assume the role.',
);
export const responseLost = () => Object.assign(new Error('socket hang up'), { name: 'Error', code: 'ECONNRESET' });

export interface Clock { now: number }

/** What becomes of a job that is started. */
export interface Plan {
  /** Milliseconds until the end; Infinity for a job that never ends. */
  readonly runs?: number;
  /** Final status, in the service's words or in none that anybody knows. */
  readonly ends?: string;
  readonly reason?: string;
  /** Status of the preset deployment of a packaging job. */
  readonly preset?: string;
}

type Operation = keyof JobsClient;

/** A call that goes wrong: before it is carried out, or after. */
export interface Fault {
  readonly operation: Operation;
  readonly error: () => Error;
  /** How many times; default 1. */
  times?: number;
  /** The clock's time from which it heals. */
  readonly until?: number;
  /** The call is carried out, and only the answer is lost. */
  readonly after?: boolean;
}

interface Job extends Required<Omit<Plan, 'preset'>> {
  readonly name: string;
  readonly created: number;
  readonly preset?: string | undefined;
  stopped?: number;
}
interface CompilationRecord extends Job { readonly input: CreateCompilationJobCommandInput }
interface PackagingRecord extends Job { readonly input: CreateEdgePackagingJobCommandInput }

const STARTING_MS = 2_000;
const STOPPING_MS = 12_000;

/** SageMaker's jobs as state machines on a clock of the test's own. */
export class FakeService implements JobsClient {
  public readonly compilations = new Map<string, CompilationRecord>();
  public readonly packagings = new Map<string, PackagingRecord>();
  public readonly calls: { readonly operation: Operation; readonly name: string; readonly at: number }[] = [];
  public readonly tags: { readonly arn: string; readonly tags: unknown }[] = [];
  public readonly untagged: { readonly arn: string; readonly keys: unknown }[] = [];
  public readonly faults: Fault[] = [];
  /** Devices that the service takes, and the copy of its model in local/service does not know yet. */
  public readonly newerDevices: string[] = [];
  /** For the jobs started from now on. */
  public plan: (name: string) => Plan = () => ({});

  public constructor(private readonly clock: Clock) {}

  public createCompilationJob(input: CreateCompilationJobCommandInput): Promise<void> {
    const name = input.CompilationJobName ?? '';
    return this.call('createCompilationJob', name, () => {
      const { OutputConfig } = input;
      const isNewer = this.newerDevices.some((device) => device === OutputConfig?.TargetDevice);
      checkInput('SageMaker', 'CreateCompilationJob', isNewer ? { ...input, OutputConfig: { ...OutputConfig, TargetDevice: 'rasp4b' } } : input);
      if (this.compilations.has(name)) {
        throw new ServiceFault('ResourceInUse', `Compilation job ${name} already exists`);
      }
      this.compilations.set(name, { ...this.newJob(name), input });
    });
  }

  public describeCompilationJob(name: string): Promise<CompilationJobDescription> {
    return this.call('describeCompilationJob', name, () => {
      const job = found(this.compilations, name);
      const status = this.status(job);
      const folder = job.input.OutputConfig?.S3OutputLocation ?? '';
      return {
        CompilationJobName: name,
        CompilationJobArn: `arn:aws:sagemaker:eu-west-1:111122223333:compilation-job/${name}`,
        CompilationJobStatus: status,
        CreationTime: new Date(job.created),
        FailureReason: status === 'FAILED' ? job.reason : undefined,
        InputConfig: job.input.InputConfig, OutputConfig: job.input.OutputConfig,
        ModelArtifacts: status === 'COMPLETED' ? { S3ModelArtifacts: `${folder}model-LINUX_X86_64.tar.gz` } : undefined,
        ModelDigests: undefined,
      };
    });
  }

  public stopCompilationJob(name: string): Promise<void> {
    return this.call('stopCompilationJob', name, () => {
      this.stop(found(this.compilations, name));
    });
  }

  public deleteCompilationJob(name: string): Promise<void> {
    return this.call('deleteCompilationJob', name, () => {
      const status = this.status(found(this.compilations, name));
      if (!['COMPLETED', 'FAILED', 'STOPPED'].includes(status)) {
        throw new ServiceFault('ValidationException', `job is in ${status}, which cannot be deleted`);
      }
      this.compilations.delete(name);
    });
  }

  public createEdgePackagingJob(input: CreateEdgePackagingJobCommandInput): Promise<void> {
    const name = input.EdgePackagingJobName ?? '';
    return this.call('createEdgePackagingJob', name, () => {
      checkInput('SageMaker', 'CreateEdgePackagingJob', input);
      if (this.packagings.has(name)) {
        throw new ServiceFault('ValidationException', `Edge packaging job with name ${name} already exists`);
      }
      this.packagings.set(name, { ...this.newJob(name), input });
    });
  }

  public describeEdgePackagingJob(name: string): Promise<PackagingJobDescription> {
    return this.call('describeEdgePackagingJob', name, () => {
      const job = found(this.packagings, name);
      const status = this.status(job);
      const done = status === 'COMPLETED';
      return {
        EdgePackagingJobName: name, EdgePackagingJobArn: `arn:aws:sagemaker:eu-west-1:111122223333:edge-packaging-job/${name}`,
        EdgePackagingJobStatus: status, EdgePackagingJobStatusMessage: status === 'FAILED' ? job.reason : undefined,
        CreationTime: new Date(job.created), CompilationJobName: job.input.CompilationJobName, ModelName: job.input.ModelName,
        ModelVersion: job.input.ModelVersion, OutputConfig: job.input.OutputConfig,
        ...(done ? { ModelArtifact: `${job.input.OutputConfig?.S3OutputLocation ?? ''}model-1.0.tar.gz` } : {}),
        ...(done && job.preset ? {
          PresetDeploymentOutput: {
            Status: job.preset,
            ...(job.preset === 'FAILED' ? { StatusMessage: job.reason } : { Artifact: 'arn:component' }),
          },
        } : {}),
      };
    });
  }

  public stopEdgePackagingJob(name: string): Promise<void> {
    return this.call('stopEdgePackagingJob', name, () => {
      this.stop(found(this.packagings, name));
    });
  }

  public addTags(input: { ResourceArn: string | undefined; Tags: unknown }): Promise<void> {
    return this.call('addTags', input.ResourceArn ?? '', () => {
      this.tags.push({ arn: input.ResourceArn ?? '', tags: input.Tags });
    });
  }

  public deleteTags(input: { ResourceArn: string | undefined; TagKeys: unknown }): Promise<void> {
    return this.call('deleteTags', input.ResourceArn ?? '', () => {
      this.untagged.push({ arn: input.ResourceArn ?? '', keys: input.TagKeys });
    });
  }

  public status(job: Job): string {
    const end = job.created + STARTING_MS + job.runs;
    if (job.stopped !== undefined) {
      return this.clock.now < job.stopped + STOPPING_MS ? 'STOPPING' : 'STOPPED';
    }
    if (this.clock.now < job.created + STARTING_MS) {
      return 'STARTING';
    }
    return this.clock.now < end ? 'INPROGRESS' : job.ends;
  }

  /** Names of the jobs of both kinds that are not at rest. */
  public running(): string[] {
    return [...this.compilations.values(), ...this.packagings.values()]
      .filter((job) => ['STARTING', 'INPROGRESS', 'STOPPING'].includes(this.status(job))).map((job) => job.name);
  }

  public count(operation: Operation): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  private call<T>(operation: Operation, name: string, work: () => T): Promise<T> {
    this.calls.push({ operation, name, at: this.clock.now });
    const fault = this.faults.find((candidate) => candidate.operation === operation
      && (candidate.until === undefined ? (candidate.times ?? 1) > 0 : this.clock.now < candidate.until));
    if (fault) {
      fault.times = (fault.times ?? 1) - 1;
    }
    try {
      if (fault && !fault.after) {
        throw fault.error();
      }
      const answer = work();
      if (fault) {
        throw fault.error();
      }
      return Promise.resolve(answer);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private newJob(name: string): Job {
    const { runs = 30_000, ends = 'COMPLETED', reason = 'the model is no good', preset } = this.plan(name);
    return { name, created: this.clock.now, runs, ends, reason, preset };
  }

  private stop(job: Job): void {
    const status = this.status(job);
    if (status === 'STOPPING') {
      return;
    }
    if (status === 'COMPLETED' || status === 'FAILED' || status === 'STOPPED') {
      throw new ServiceFault('ValidationException', `The request was rejected because the job is in status ${status}.`);
    }
    job.stopped = this.clock.now;
  }
}

function found<T>(jobs: Map<string, T>, name: string): T {
  const job = jobs.get(name);
  if (job === undefined) {
    throw new ServiceFault('ResourceNotFound', `Could not find job ${name}`);
  }
  return job;
}
