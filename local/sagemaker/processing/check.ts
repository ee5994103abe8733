import { posix } from 'node:path';
import { invalid } from '../errors';
import type { ProcessingRequest } from '../types';

/** "must begin with": https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingS3Input.html. */
const FOLDER = '/opt/ml/processing/';

type Input = NonNullable<ProcessingRequest['ProcessingInputs']>[number];
type Output = NonNullable<ProcessingRequest['ProcessingOutputConfig']>['Outputs'][number];

/** Rules of CreateProcessingJob that its model does not have, and what the stand-in does not do. Throws a ValidationException. */
export function checkProcessing(request: ProcessingRequest): void {
  const { ProcessingInputs = [], ProcessingOutputConfig, ProcessingResources: { ClusterConfig } } = request;
  const outputs = ProcessingOutputConfig?.Outputs ?? [];
  unique('ProcessingInputs', 'InputName', ProcessingInputs.map(({ InputName }) => InputName));
  unique('ProcessingOutputConfig.Outputs', 'OutputName', outputs.map(({ OutputName }) => OutputName));
  ProcessingInputs.forEach(checkInput);
  outputs.forEach(checkOutput);
  if (ClusterConfig.InstanceCount !== 1 || ClusterConfig.InstanceType === undefined) {
    throw invalid('The local stand-in runs a processing job on one instance: ClusterConfig needs InstanceCount 1 and an InstanceType');
  }
}

function checkInput({ InputName, AppManaged, S3Input }: Input): void {
  if (!S3Input || AppManaged === true) {
    throw invalid(`The local stand-in takes inputs from S3 alone, and loads them itself: ${InputName} needs an S3Input and no AppManaged`);
  }
  const { S3DataType, S3InputMode = 'File', S3CompressionType = 'None', LocalPath } = S3Input;
  if (S3DataType !== 'S3Prefix' || S3InputMode !== 'File') {
    throw invalid(`The local stand-in loads inputs of S3DataType S3Prefix in S3InputMode File, ${InputName} has ${S3DataType} and ${S3InputMode}`);
  }
  if (S3CompressionType !== 'None') {
    throw invalid(`S3CompressionType Gzip of the input ${InputName} can only be used with S3InputMode Pipe`);
  }
  checkPath(InputName, LocalPath);
}

function checkOutput({ OutputName, AppManaged, S3Output }: Output): void {
  if (!S3Output || AppManaged === true) {
    throw invalid(`The local stand-in writes outputs to S3 alone, and does it itself: ${OutputName} needs an S3Output and no AppManaged`);
  }
  checkPath(OutputName, S3Output.LocalPath);
}

function checkPath(name: string, localPath: string | undefined): void {
  if (localPath === undefined || !posix.normalize(localPath).startsWith(FOLDER)) {
    throw invalid(`LocalPath of ${name} must be an absolute path that begins with ${FOLDER}, got ${localPath ?? 'none'}`);
  }
}

function unique(list: string, member: string, names: readonly string[]): void {
  const again = names.find((name, index) => names.indexOf(name) !== index);
  if (again !== undefined) {
    throw invalid(`${list} must have a unique ${member} each, got ${again} more than once`);
  }
}
