import type * as greengrass from '@aws-sdk/client-greengrassv2';
import type { InputOf, Operations } from '../service/operation';

/** The requests that the stand-in keeps, typed as the SDK has them. */

export type GreengrassOperations = Operations<typeof greengrass>;
export type ComponentRequest = InputOf<typeof greengrass, 'CreateComponentVersion'>;
export type DeploymentRequest = InputOf<typeof greengrass, 'CreateDeployment'>;
export type Specification = NonNullable<DeploymentRequest['components']>[string];
export type Policies = NonNullable<DeploymentRequest['deploymentPolicies']>;
export type JobConfiguration = NonNullable<DeploymentRequest['iotJobConfiguration']>;
