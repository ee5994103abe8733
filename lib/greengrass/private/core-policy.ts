import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * The rights of a core device's certificate, as AWS's developer guide gives them in the minimal form. The thing's name ends with a wildcard because the
 * nucleus adds `#2`, `#3`, … to its client id; thing policy variables do not work for core devices.
 */
export function coreDevicePolicy(scope: Construct, thingName: string): iam.PolicyDocument {
  const arn = (resource: string, resourceName: string): string => Stack.of(scope).formatArn({ service: 'iot', resource, resourceName });
  const topics = (kind: string, ...ends: string[]): string[] => ends.map((end) => arn(kind, `$aws/things/${thingName}*/${end}`));
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({ actions: ['iot:Connect'], resources: [arn('client', `${thingName}*`)] }),
      new iam.PolicyStatement({
        actions: ['iot:Publish', 'iot:Receive'],
        resources: topics('topic', 'greengrass/health/json', 'greengrassv2/health/json', 'jobs/*', 'shadow/*'),
      }),
      new iam.PolicyStatement({ actions: ['iot:Subscribe'], resources: topics('topicfilter', 'jobs/*', 'shadow/*') }),
      new iam.PolicyStatement({
        actions: [
          'greengrass:GetComponentVersionArtifact', 'greengrass:GetDeploymentConfiguration',
          'greengrass:ListThingGroupsForCoreDevice', 'greengrass:ResolveComponentCandidates',
        ],
        resources: ['*'], // the documented form: components and deployments of the device are not known to its policy
      }),
    ],
  });
}
