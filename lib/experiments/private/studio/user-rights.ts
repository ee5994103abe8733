import { ArnFormat, aws_iam as iam, Stack, type aws_kms as kms } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { grantVolumeKey } from '../../../jobs/role';
import { acknowledgeWildcards } from '../../../private/nag/acknowledge';

/**
 * What a user needs in Studio: to find their way, and to make and run spaces of their own. In the form of AWS's managed policy for Studio,
 * with this domain and this user in the place of its variables.
 */
export function grantStudio(scope: Construct, role: iam.IRole, { domainId, encryptionKey, userProfileArn }: {
  readonly domainId: string;
  readonly userProfileArn: string;
  readonly encryptionKey?: kms.IKeyRef;
}): iam.Grant {
  const arn = (resource: string, resourceName: string): string => Stack.of(scope).formatArn({ service: 'sagemaker', resource, resourceName });
  const apps = arn('app', `${domainId}/*`);
  const spaces = arn('space', `${domainId}/*`);
  const images = [arn('image', '*'), arn('image-version', '*'), arn('app-image-config', '*')];
  const logs = Stack.of(scope).formatArn({
    service: 'logs', resource: 'log-group', resourceName: '/aws/sagemaker/studio*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  acknowledgeWildcards(role, 'the actions of SageMaker that list applications, spaces and users have no resource', '*');
  acknowledgeWildcards(role, 'the spaces and applications of one user in one domain: a condition has the user, who chooses their names', apps, spaces);
  acknowledgeWildcards(role, 'a user of Studio sees which images there are', ...images);
  acknowledgeWildcards(role, 'SageMaker makes one log group for all of Studio, and names its streams by users and applications', logs);
  const grant = (actions: string[], resourceArns: string[], conditions?: Record<string, Record<string, unknown>>): iam.Grant => (
    iam.Grant.addToPrincipal({ grantee: role, actions, resourceArns, conditions })
  );
  const own = { ArnLike: { 'sagemaker:OwnerUserProfileArn': userProfileArn }, StringEquals: { 'sagemaker:SpaceSharingType': ['Private'] } };
  const grants = [
    grant(['sagemaker:ListApps', 'sagemaker:ListDomains', 'sagemaker:ListSpaces', 'sagemaker:ListUserProfiles'], ['*']), // have no resources
    grant(['sagemaker:DescribeDomain'], [arn('domain', domainId)]),
    grant(['sagemaker:CreatePresignedDomainUrl', 'sagemaker:DescribeUserProfile'], [userProfileArn]),
    grant(['sagemaker:DescribeSpace'], [spaces]),
    grant(['sagemaker:DescribeApp'], [apps]),
    grant(['sagemaker:DescribeAppImageConfig', 'sagemaker:DescribeImage', 'sagemaker:DescribeImageVersion'], images),
    grant(['sagemaker:CreateSpace', 'sagemaker:DeleteSpace', 'sagemaker:UpdateSpace'], [spaces], own),
    grant(['sagemaker:CreateApp', 'sagemaker:DeleteApp'], [apps], own),
    grant(['sagemaker:AddTags'], [apps, spaces], { Null: { 'sagemaker:TaggingAction': 'false' } }), // while they are made, and not later
    grant(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [logs]),
    ...encryptionKey === undefined ? [] : [grantVolumeKey(role, encryptionKey)],
  ];
  return grants.reduce((all, each) => all.combine(each));
}
