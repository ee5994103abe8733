import { ArnFormat, aws_sagemaker as sagemaker, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * The name of any endpoint. Requests and metrics need it as it was given, and an ARN has it in lower case: it is taken from the ARN only
 * where nothing else is known.
 */
export function endpointNameOf(scope: IConstruct, endpoint: sagemaker.IEndpointRef): string {
  if (sagemaker.CfnEndpoint.isCfnEndpoint(endpoint)) {
    return endpoint.attrEndpointName;
  }
  if ('endpointName' in endpoint && typeof endpoint.endpointName === 'string') {
    return endpoint.endpointName; // as aws-cdk-lib's IEndpoint and the alpha's have it
  }
  const { endpointArn } = endpoint.endpointRef;
  return Stack.of(scope).splitArn(endpointArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? endpointArn;
}
