import type { aws_kms as kms } from 'aws-cdk-lib';
import { Annotations, aws_iam as iam, aws_s3 as s3, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { CaptureBucketGrants } from '../capture/capture-bucket-grants';
import { identifyBy } from '../identity/private/logical-ids';
import type { IRoleAlias } from '../identity/role-alias';
import { ValidationError } from '../private/validation';

/** What a fleet's role needs permissions for. */
export interface FleetRights {
  /** Part of the ARNs of its devices. */
  readonly deviceFleetName: string;
  /** Who gets the rights. */
  readonly role: iam.IRole;
  /** The alias that Edge Manager looks for, and makes or adopts. */
  readonly roleAlias: IRoleAlias;
  /** Where devices write. */
  readonly captureBucket: ICaptureBucket;
  /** What Edge Manager encrypts with. */
  readonly outputKey: kms.IKeyRef | undefined;
}

/** AWS's managed policy covers only names with one of these in them. */
const MANAGED_POLICY_NAMES = /SageMaker|Sagemaker|sagemaker/;

/**
 * The least that Edge Manager and a fleet's devices need of their role. A policy of its own: the role's ARN is in it,
 * which could not be inside the role.
 */
export function scopedPolicy(scope: Construct, rights: FleetRights): iam.Policy {
  const stack = Stack.of(scope);
  const { role, roleAlias, outputKey } = rights;
  // Edge Manager makes or adopts the alias as the role itself. Devices get no more of it than they must: their
  // sessions have a thing's name.
  const notForDevices = { Null: { 'credentials-iot:ThingName': 'true' } };
  const policy = new iam.Policy(scope, 'DevicePolicy', {
    statements: [
      new iam.PolicyStatement({
        sid: 'EdgeManager', // a device reports for itself alone
        actions: ['sagemaker:SendHeartbeat', 'sagemaker:GetDeviceRegistration', 'sagemaker:GetDeployments'],
        resources: [stack.formatArn({
          service: 'sagemaker', resource: 'device-fleet', resourceName: `${rights.deviceFleetName}/device/\${credentials-iot:ThingName}`,
        })],
      }),
      new iam.PolicyStatement({
        sid: 'RoleAlias',
        actions: ['iot:CreateRoleAlias', 'iot:DescribeRoleAlias', 'iot:UpdateRoleAlias', 'iot:ListTagsForResource', 'iot:TagResource'],
        resources: [roleAlias.roleAliasArn],
        conditions: notForDevices,
      }),
      new iam.PolicyStatement({ sid: 'GetRole', actions: ['iam:GetRole'], resources: [role.roleArn], conditions: notForDevices }),
      new iam.PolicyStatement({
        sid: 'PassRole',
        actions: ['iam:PassRole'],
        resources: [role.roleArn],
        conditions: {
          ...notForDevices,
          StringEqualsIfExists: { 'iam:PassedToService': ['iot.amazonaws.com', 'credentials.iot.amazonaws.com'] },
        },
      }),
    ],
  });
  CaptureBucketGrants.fromCaptureBucket(rights.captureBucket).deviceWrite(policy);
  if (outputKey) {
    policy.addStatements(new iam.PolicyStatement({
      sid: 'OutputKey',
      actions: ['kms:GenerateDataKey'],
      resources: [outputKey.keyRef.keyArn],
    }));
  }
  identifyBy(policy, 'DeviceFleetPolicy', rights.deviceFleetName);
  role.attachInlinePolicy(policy);
  return policy;
}

/** Throws where a name is known that the managed policy does not cover. Warns where one is not known. */
export function checkManagedPolicyNames(scope: Construct, role: iam.IRole | undefined, captureBucket: ICaptureBucket | undefined): void {
  const names: [string, string | undefined][] = [];
  if (role) {
    names.push(['the name of role', roleName(role)]);
  }
  if (captureBucket) {
    names.push(['the name of captureBucket', bucketName(captureBucket.bucket)]);
  }
  for (const [what, name] of names) {
    if (name === undefined) {
      Annotations.of(scope).addWarningV2('cdk-sagemaker-edge:DeviceFleet.managedPolicyNames',
        `${what} is generated during deployment: AWS's managed policy works only if it contains 'sagemaker'. Give it a name`);
    } else if (!MANAGED_POLICY_NAMES.test(name)) {
      throw new ValidationError(scope, `${what} must contain 'sagemaker' for AWS's managed policy to reach it, got '${name}'`);
    }
  }
}

function roleName(role: iam.IRole): string | undefined {
  const resource = role.node.defaultChild;
  return literal(iam.CfnRole.isCfnRole(resource) ? resource.roleName : role.roleName);
}

function bucketName(bucket: s3.IBucket): string | undefined {
  const resource = bucket.node.defaultChild;
  return literal(s3.CfnBucket.isCfnBucket(resource) ? resource.bucketName : bucket.bucketName);
}

function literal(name: string | undefined): string | undefined {
  return Token.isUnresolved(name) ? undefined : name;
}
