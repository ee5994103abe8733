import { aws_iam as iam, Stack, type CustomResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../../../private/nag/acknowledge';
import { StudioProvider } from './provider';
import type { StudioCleanupProperties, StudioCleanupType } from './resources';

const LISTS = ['sagemaker:ListApps', 'sagemaker:ListSpaces', 'sagemaker:ListUserProfiles'];

/**
 * Has the delete of a space, a user or a domain end what runs in it first: CloudFormation deletes none that has applications.
 *
 * What depends on the result is deleted before it, and what the result depends on after it.
 */
export function cleanup(scope: Construct, properties: StudioCleanupProperties): CustomResource {
  const provider = StudioProvider.getOrCreate(scope);
  const { DomainId: domainId, HomeFileSystem: home, SpaceName: space, UserProfileName: user } = properties;
  const arn = (resource: string, name = '*'): string => (
    Stack.of(scope).formatArn({ service: 'sagemaker', resource, resourceName: `${domainId}/${name}` })
  );
  const apps = arn('app', space === undefined ? '*' : `${space}/*`);
  const spaces = arn('space');
  const users = arn('user-profile');
  const isDomain = space === undefined && user === undefined;
  const rights = provider.grant(scope, 'CleanupRights', ...[
    new iam.PolicyStatement({ actions: LISTS, resources: ['*'] }), // have no resources
    new iam.PolicyStatement({ actions: ['sagemaker:DeleteApp'], resources: [apps] }),
    ...space === undefined ? [new iam.PolicyStatement({ actions: ['sagemaker:DeleteSpace'], resources: [spaces] })] : [],
    ...isDomain ? [new iam.PolicyStatement({ actions: ['sagemaker:DeleteUserProfile'], resources: [users] })] : [],
    ...home === undefined ? [] : [new iam.PolicyStatement({
      actions: ['sagemaker:DeleteDomain', 'sagemaker:DescribeDomain'],
      resources: [Stack.of(scope).formatArn({ service: 'sagemaker', resource: 'domain', resourceName: domainId })],
    })],
  ]);
  acknowledgeWildcards(rights, 'the actions of SageMaker that list applications, spaces and users have no resource', '*');
  acknowledgeWildcards(rights, 'the applications, spaces and users that people have made in one domain', apps, spaces, users);
  const resource = provider.customResource(scope, 'Cleanup', {
    resourceType: 'Custom::SageMakerEdge-StudioCleanup' satisfies StudioCleanupType,
    serviceTimeout: provider.serviceTimeout,
    properties: properties satisfies StudioCleanupProperties,
  });
  resource.node.addDependency(rights);
  return resource;
}
