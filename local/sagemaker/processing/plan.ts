import { isUtf8 } from 'node:buffer';
import type { ContainerJobOptions } from '../container-job/contracts';
import type { ContainerPlan, JobEnd } from '../container-job/life';
import { JobProgram } from '../container-job/program';
import type { JobRoot } from '../container-job/root';
import type { Transfers } from '../container-job/transfers';
import type { JobFault } from '../faults';
import { JobFailure } from '../job';
import type { ProcessingRequest } from '../types';

const MESSAGE = '/opt/ml/output/message';
const MESSAGE_BYTES = 1024;
/** AWS's Python SDK says that it is 24 hours if a job says nothing. */
const DEFAULT_SECONDS = 86_400;

/** What a processing job's plan works with. */
export interface ProcessingParts {
  readonly arn: string;
  readonly request: ProcessingRequest;
  readonly root: JobRoot;
  readonly transfers: Transfers;
  readonly options: ContainerJobOptions;
  readonly fault: JobFault | undefined;
  readonly onMessage: (message: string) => void;
}

/** The folder contract of https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html. */
export class ProcessingPlan implements ContainerPlan {
  public readonly maxRuntimeSeconds: number;
  public readonly fault: JobFault | undefined;
  private readonly program: JobProgram;

  public constructor(private readonly parts: ProcessingParts) {
    const { request: { ProcessingJobName, RoleArn, AppSpecification, Environment = {}, StoppingCondition }, options, fault } = parts;
    this.maxRuntimeSeconds = StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_SECONDS;
    this.fault = fault;
    this.program = new JobProgram(options, {
      jobName: ProcessingJobName, roleArn: RoleArn, image: AppSpecification.ImageUri, environment: Environment,
      command: [...AppSpecification.ContainerEntrypoint ?? [], ...AppSpecification.ContainerArguments ?? []],
      logGroup: '/aws/sagemaker/ProcessingJobs',
    });
  }

  public async prepare(): Promise<void> {
    const { arn, request, root, transfers } = this.parts;
    const configuration = JSON.stringify({ ProcessingJobArn: arn, ...request });
    await root.write('/opt/ml/config/processingjobconfig.json', root.translated(configuration));
    await root.write('/opt/ml/config/resourceconfig.json', JSON.stringify({ current_host: 'algo-1', hosts: ['algo-1'] }));
    await root.makeFolder('/opt/ml/output');
    for (const { localPath } of this.outputs()) {
      await root.makeFolder(localPath);
    }
    for (const { S3Input } of request.ProcessingInputs ?? []) {
      await transfers.download(S3Input?.S3Uri ?? '', S3Input?.LocalPath ?? '');
    }
  }

  public async run(signal: AbortSignal): Promise<number> {
    if (this.parts.request.AppSpecification.ContainerEntrypoint === undefined) {
      throw new JobFailure('ClientError: the local stand-in does not know the entry point of an image: AppSpecification needs a ContainerEntrypoint');
    }
    return this.program.run(this.parts.root, signal);
  }

  /** Outputs of the mode Continuous are uploaded here too, and from every job, since they would be on their way already. */
  public async finish(end: JobEnd): Promise<void> {
    const { request, transfers } = this.parts;
    await this.tell();
    for (const { localPath, uri, mode } of this.outputs()) {
      if (end === 'completed' || mode === 'Continuous') {
        await transfers.upload(localPath, uri, request.ProcessingOutputConfig?.KmsKeyId);
      }
    }
  }

  public failure(): Promise<string> {
    return Promise.resolve('AlgorithmError: See job logs for more information');
  }

  public async dispose(): Promise<void> {
    await Promise.all([this.program.revoke(), this.parts.root.remove()]);
  }

  /** See https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-metadata.html. */
  private async tell(): Promise<void> {
    const message = (await this.parts.root.read(MESSAGE))?.subarray(0, MESSAGE_BYTES);
    if (message === undefined) {
      return;
    }
    if (!isUtf8(message)) {
      throw new JobFailure(`ClientError: the file ${MESSAGE} is not encoded in UTF-8`);
    }
    this.parts.onMessage(message.toString('utf8'));
  }

  private outputs(): readonly { readonly localPath: string; readonly uri: string; readonly mode: string }[] {
    return (this.parts.request.ProcessingOutputConfig?.Outputs ?? []).flatMap(({ S3Output }) => (S3Output ? [{
      localPath: S3Output.LocalPath ?? '', uri: S3Output.S3Uri, mode: S3Output.S3UploadMode,
    }] : []));
  }
}
