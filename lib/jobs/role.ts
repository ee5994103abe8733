import { ArnFormat, aws_iam as iam, aws_kms as kms, Stack, type aws_ec2 as ec2, type aws_ecr as ecr, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** The role that SageMaker assumes for a job: for jobs of this account alone. Each job grants it what it needs. */
export function defaultJobRole(scope: Construct, description: string): iam.Role {
  return new iam.Role(scope, 'Role', {
    description,
    assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  });
}

/** To find the bucket and to list it: SageMaker does both before it reads and before it writes. */
export function grantFind(role: iam.IRole, bucket: s3.IBucket): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee: role, actions: ['s3:GetBucketLocation', 's3:ListBucket'], resourceArns: [bucket.bucketArn] });
}

/** To write under a prefix of a bucket, encrypted by this key or, without one, by the bucket's own. */
export function grantWrite(role: iam.IRole, bucket: s3.IBucket, prefix: string, outputKey: kms.IKeyRef | undefined): iam.Grant {
  const objects = bucket.arnForObjects(`${prefix}/*`);
  const put = iam.Grant.addToPrincipal({ grantee: role, actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resourceArns: [objects] });
  acknowledgeWildcards(role, 'each job writes to a folder of its own under the output prefix', objects);
  const key = outputKey ?? bucket.encryptionKey;
  return key ? put.combine(grantUse(role, key)) : put;
}

/** To encrypt the volume of a job's machine: SageMaker grants the key to EC2. */
export function grantVolumeKey(role: iam.IRole, key: kms.IKeyRef): iam.Grant {
  const lend = iam.Grant.addToPrincipal({
    grantee: role, actions: ['kms:CreateGrant'], resourceArns: [key.keyRef.keyArn],
    conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  });
  return lend.combine(grantUse(role, key));
}

/** To pull images from one repository. `IRepository.grantPull` adds the same actions; this one says why there is a wildcard. */
export function grantImagePull(role: iam.IRole, repository: ecr.IRepository): iam.Grant {
  acknowledgeWildcards(role, 'ecr:GetAuthorizationToken has no resource', '*');
  return repository.grantPull(role);
}

/** To write the log of compilation jobs; a job's stream has its name. */
export function grantCompilationLogs(role: iam.IRole): iam.Grant {
  return grantJobLogs(role, 'CompilationJobs', 'the log group that SageMaker makes for compilation jobs, and its streams');
}

/** To write the log of one kind of job. */
export function grantJobLogs(role: iam.IRole, group: string, reason: string): iam.Grant {
  // The group and its streams: SageMaker makes both, and the names of streams are the jobs'.
  const streams = Stack.of(role).formatArn({
    service: 'logs', resource: 'log-group', resourceName: `/aws/sagemaker/${group}*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  acknowledgeWildcards(role, reason, streams);
  return iam.Grant.addToPrincipal({
    grantee: role,
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resourceArns: [streams],
  });
}

/** To publish metrics, in SageMaker's namespaces only. */
export function grantMetrics(role: iam.IRole): iam.Grant {
  acknowledgeWildcards(role, 'cloudwatch:PutMetricData has no resource: the condition limits its namespaces', '*');
  return iam.Grant.addToPrincipal({
    grantee: role, actions: ['cloudwatch:PutMetricData'],
    resourceArns: ['*'], // the action knows no resources; the namespace is what limits it
    conditions: { StringLike: { 'cloudwatch:namespace': ['AWS/SageMaker*', '/aws/sagemaker/*'] } },
  });
}

/** To attach the job's machine to subnets of a VPC. */
export function grantVpc(role: iam.IRole, subnetIds: readonly string[], securityGroups: readonly ec2.ISecurityGroup[]): iam.Grant {
  const arn = (resource: string, resourceName: string) => Stack.of(role).formatArn({ service: 'ec2', resource, resourceName });
  const interfaces = arn('network-interface', '*'); // named by EC2 when they are made
  acknowledgeWildcards(role, 'EC2 chooses the ID of a network interface', interfaces);
  acknowledgeWildcards(role, 'the actions of EC2 that describe a network have no resources', '*');
  const attach = iam.Grant.addToPrincipal({
    grantee: role,
    actions: ['ec2:CreateNetworkInterface', 'ec2:ModifyNetworkInterfaceAttribute'],
    resourceArns: [
      interfaces,
      ...subnetIds.map((subnetId) => arn('subnet', subnetId)),
      ...securityGroups.map(({ securityGroupId }) => arn('security-group', securityGroupId)),
    ],
  });
  const own = iam.Grant.addToPrincipal({
    grantee: role, actions: ['ec2:CreateNetworkInterfacePermission', 'ec2:DeleteNetworkInterface'], resourceArns: [interfaces],
  });
  return attach.combine(own).combine(iam.Grant.addToPrincipal({
    grantee: role,
    actions: [
      'ec2:DeleteNetworkInterfacePermission', 'ec2:DescribeDhcpOptions', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets', 'ec2:DescribeVpcEndpoints', 'ec2:DescribeVpcs',
    ],
    resourceArns: ['*'], // none of these knows resources
  }));
}

function grantUse(role: iam.IRole, key: kms.IKeyRef): iam.Grant {
  return kms.KeyGrants.fromKey(key).actions(role, 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey');
}
