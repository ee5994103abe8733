import { invalid } from '../errors';
import type { TrainingRequest } from '../types';

/** Rules of CreateTrainingJob that its model does not have, and what the stand-in does not do. Throws a ValidationException. */
export function checkTraining(request: TrainingRequest): void {
  const { AlgorithmSpecification, ResourceConfig, InputDataConfig = [], EnableManagedSpotTraining, StoppingCondition = {} } = request;
  if (AlgorithmSpecification?.TrainingImage === undefined || AlgorithmSpecification.AlgorithmName !== undefined) {
    throw invalid('The local stand-in runs images alone: AlgorithmSpecification needs a TrainingImage and no AlgorithmName');
  }
  if (ResourceConfig?.InstanceCount !== 1 || ResourceConfig.InstanceType === undefined) {
    throw invalid('The local stand-in trains on one instance: ResourceConfig needs InstanceCount 1 and an InstanceType');
  }
  const names = InputDataConfig.map(({ ChannelName }) => ChannelName);
  const again = names.find((name, index) => names.indexOf(name) !== index);
  if (again !== undefined) {
    throw invalid(`InputDataConfig must have a unique ChannelName each, got ${again} more than once`);
  }
  for (const channel of InputDataConfig) {
    checkChannel(channel, AlgorithmSpecification.TrainingInputMode);
  }
  const { MaxRuntimeInSeconds = 0, MaxWaitTimeInSeconds } = StoppingCondition;
  if (EnableManagedSpotTraining === true && (MaxWaitTimeInSeconds === undefined || MaxWaitTimeInSeconds < MaxRuntimeInSeconds)) {
    throw invalid('Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds');
  }
}

type Channel = NonNullable<TrainingRequest['InputDataConfig']>[number];

/** FastFile differs from File in nothing that a program sees. */
function checkChannel({ ChannelName, DataSource: { S3DataSource }, InputMode, CompressionType = 'None' }: Channel, general: string): void {
  const mode = InputMode ?? general;
  if (S3DataSource?.S3DataType !== 'S3Prefix' || mode === 'Pipe') {
    throw invalid(`The local stand-in loads channels of S3DataType S3Prefix in input mode File or FastFile: ${ChannelName} has ${S3DataSource?.S3DataType ?? 'another source'} and ${mode}`);
  }
  if (CompressionType !== 'None') {
    throw invalid(`CompressionType Gzip of the channel ${ChannelName} can only be used with input mode Pipe`);
  }
}
