import { ArnFormat, aws_iam as iam, Stack, type aws_ec2 as ec2, type aws_kms as kms, type aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defaultJobRole, grantMetrics, grantVolumeKey, grantVpc } from '../../jobs/role';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';

/** The role that SageMaker assumes for the models of an endpoint of this account. */
export function defaultExecutionRole(scope: Construct): iam.Role {
  return defaultJobRole(scope, 'SageMaker runs the models of a real-time endpoint with it');
}

/** What the role of each endpoint needs, whatever its models are. */
export function grantExecution(role: iam.IRole, needs: {
  readonly logGroup: logs.ILogGroup;
  readonly volumeKey?: kms.IKeyRef;
  readonly subnetIds: readonly string[];
  readonly securityGroups: readonly ec2.ISecurityGroup[];
}): iam.Grant[] {
  const { logGroup, securityGroups, subnetIds, volumeKey } = needs;
  return [
    grantLogs(role, logGroup),
    grantMetrics(role),
    ...volumeKey === undefined ? [] : [grantVolumeKey(role, volumeKey)],
    ...securityGroups.length > 0 ? [grantVpc(role, subnetIds, securityGroups)] : [],
  ];
}

/** The group is there already. SageMaker's documentation asks for its creation all the same. */
function grantLogs(role: iam.IRole, logGroup: logs.ILogGroup): iam.Grant {
  const group = Stack.of(logGroup).formatArn({
    service: 'logs', resource: 'log-group', resourceName: logGroup.logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const streams = `${group}:*`;
  acknowledgeWildcards(role, 'SageMaker names the log streams of an endpoint by its variants and instances', streams);
  return iam.Grant.addToPrincipal({
    grantee: role,
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resourceArns: [group, streams],
  });
}
