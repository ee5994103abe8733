import { Arn, ArnFormat, Stack, Token, aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * The name of any endpoint. An ARN of SageMaker is in lower case, but `InvokeEndpoint` and the dimensions of metrics want the name as it
 * was given: so a construct that knows the name is asked first.
 */
export function endpointNameOf(endpoint: sagemaker.IEndpointRef): string {
  if (sagemaker.CfnEndpoint.isCfnEndpoint(endpoint)) {
    return endpoint.attrEndpointName;
  }
  if ('endpointName' in endpoint && typeof endpoint.endpointName === 'string') {
    return endpoint.endpointName;
  }
  return nameInArn(endpoint, endpoint.endpointRef.endpointArn);
}

/** An endpoint of this library, whose name is known before the endpoint is. */
interface Named {
  readonly _physicalEndpointName: string;
}

/**
 * The name for the dimensions of metrics. It is no reference to the endpoint where that can be: the endpoint itself may depend on an alarm.
 */
export function metricNameOf(endpoint: sagemaker.IEndpointRef): string {
  return isNamed(endpoint) ? endpoint._physicalEndpointName : endpointNameOf(endpoint);
}

function isNamed(endpoint: sagemaker.IEndpointRef): endpoint is sagemaker.IEndpointRef & Named {
  return '_physicalEndpointName' in endpoint && typeof endpoint._physicalEndpointName === 'string';
}

/** The name of an endpoint, as its ARN gives it. */
function nameInArn(scope: IConstruct, endpointArn: string): string {
  const { resourceName } = Stack.of(scope).splitArn(endpointArn, ArnFormat.SLASH_RESOURCE_NAME);
  return resourceName ?? '';
}

/** The ARN that SageMaker gives an endpoint of this name. */
export function arnOfName(scope: IConstruct, endpointName: string): string {
  const resourceName = Token.isUnresolved(endpointName) ? endpointName : endpointName.toLowerCase();
  return Arn.format({ service: 'sagemaker', resource: 'endpoint', resourceName }, Stack.of(scope));
}
