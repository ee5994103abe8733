import { instanceSize } from '../../../lib/endpoint/private/instance-types';
import { describeError, isNotFound, serviceError } from '../../shared/errors';
import type { EndpointCalls } from './dependencies';
import { LoadTestProblem } from './problem';

/** The variant that is tested. */
export interface Target {
  /** As SageMaker spells it. */
  readonly endpointName: string;
  readonly variantName: string;
  readonly status: string;
  readonly instances: number;
  readonly configName: string;
}

export interface Hardware {
  readonly instanceType: string;
  readonly vcpus: number;
  readonly gpus: number;
}

/** With these the endpoint answers, but is being changed. */
const CHANGING = new Set(['Updating', 'SystemUpdating']);

/** The endpoint as it is now. Throws where it is not there. */
export async function describeTarget(calls: EndpointCalls, endpointName: string, variantName: string | undefined): Promise<Target> {
  let found;
  try {
    found = await calls.describeEndpoint({ EndpointName: endpointName });
  } catch (error) {
    if (isNotFound(error) || /could not find/i.test(serviceError(error).message)) {
      throw new LoadTestProblem(`the endpoint ${endpointName} does not exist (${describeError(error)})`, { cause: error });
    }
    throw error;
  }
  const { ProductionVariants: variants = [], EndpointStatus: status = 'Unknown', FailureReason: why } = found;
  if (status !== 'InService' && !CHANGING.has(status)) {
    throw new LoadTestProblem(`the endpoint ${endpointName} must be InService, got ${status}${why === undefined ? '' : `: ${why}`}`);
  }
  const names = variants.map(({ VariantName: name }) => name);
  if (variantName === undefined && variants.length > 1) {
    throw new LoadTestProblem(`the endpoint ${endpointName} has the variants ${names.join(', ')}: give the load test the name of one`);
  }
  const variant = variantName === undefined ? variants[0] : variants.find(({ VariantName: name }) => name === variantName);
  if (variant?.VariantName === undefined) {
    throw new LoadTestProblem(`the endpoint ${endpointName} must have the variant ${variantName ?? ''}, got ${names.join(', ')}`);
  }
  return {
    endpointName: found.EndpointName ?? endpointName,
    variantName: variant.VariantName,
    status,
    instances: variant.CurrentInstanceCount ?? 0,
    configName: found.EndpointConfigName ?? '',
  };
}

/** For the start of a run: what is measured while the endpoint changes would be of neither state. */
export function requireInService({ endpointName, status }: Target): void {
  if (status !== 'InService') {
    throw new LoadTestProblem(`the endpoint ${endpointName} must be InService before a load test, got ${status}: wait until it is`);
  }
}

/** What its instances have. Throws where it has none. */
export async function describeHardware(calls: EndpointCalls, { configName, variantName, endpointName }: Target): Promise<Hardware> {
  const { ProductionVariants: variants = [] } = await calls.describeEndpointConfig({ EndpointConfigName: configName });
  const type = variants.find(({ VariantName: name }) => name === variantName)?.InstanceType;
  if (type === undefined) {
    throw new LoadTestProblem(
      `the variant ${variantName} of ${endpointName} has no instance type: a serverless variant has no instances that could be counted`,
    );
  }
  const size = instanceSize(type);
  if (size === undefined) {
    throw new LoadTestProblem(`the vCPUs of ${type} are not known to this version of cdk-sagemaker-edge: CPUUtilization could not be read`);
  }
  return { instanceType: type, vcpus: size.vcpus, gpus: size.gpus };
}
