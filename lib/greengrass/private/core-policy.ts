import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * The rights of a core device's certificate: the minimal policy of AWS's developer guide. The name of the thing ends
 * with a wildcard, because the nucleus adds `#2`, `#3`, … to its client ID. Thing policy variables do not work for core
 * devices.
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
        // As documented: the policy cannot know the components and deployments of the device.
        resources: ['*'],
      }),
    ],
  });
}
