import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ValidationError } from '../private/validation';

/** The only regions that ever had the Edge Manager endpoint. */
const EDGE_MANAGER_REGIONS = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-northeast-1'];

/** Adds the one warning of a construct that needs SageMaker Edge Manager. Its id is public: users acknowledge by it. */
export function warnServiceRetired(scope: Construct, constructName: string): void {
  Annotations.of(scope).addWarningV2(
    `cdk-sagemaker-edge:${constructName}.serviceRetired`,
    `${constructName} needs SageMaker Edge Manager, which AWS switched off on 2024-04-26: `
    + 'it deploys only against a stand-in of the service, not on AWS. '
    + 'Use an OnnxModel with an EdgeDevice or with Greengrass V2 instead',
  );
}

/** Throws where the stack's region is known and never had Edge Manager. */
export function validateEdgeRegion(scope: Construct): void {
  const region = Stack.of(scope).region;
  if (Token.isUnresolved(region) || EDGE_MANAGER_REGIONS.includes(region)) {
    return;
  }
  throw new ValidationError(scope, `SageMaker Edge Manager was offered only in ${EDGE_MANAGER_REGIONS.join(', ')}, got region '${region}'`);
}
