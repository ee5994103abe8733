import type { Duration } from 'aws-cdk-lib';
import { aws_iam as iam } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { CaptureBucketGrants } from '../capture/capture-bucket-grants';

/** Properties of a `DeviceRole`. */
export interface DeviceRoleProps {
  /**
   * The name. It must contain `SageMaker`, `Sagemaker` or `sagemaker` only where a fleet uses AWS's managed policy.
   *
   * @default - CloudFormation generates one
   */
  readonly roleName?: string;

  /**
   * Where devices write what they capture, each under its own prefix.
   *
   * @default - no right to write captures
   */
  readonly captureBucket?: ICaptureBucket;

  /**
   * Services that may assume the role beside the IoT credential provider. Edge Manager needs `sagemaker.amazonaws.com`;
   * a `DeviceFleet` makes its role with it.
   *
   * @default - none
   */
  readonly trustedServices?: string[];

  /**
   * The longest session, 1 to 12 hours: the limit of `credentialDuration` of a role alias.
   *
   * @default Duration.hours(1)
   */
  readonly maxSessionDuration?: Duration;
}

/**
 * Defines the role that devices assume through a role alias.
 *
 * All devices of a fleet share it, so what it grants should be scoped by `${credentials-iot:ThingName}`, which the
 * credential provider fills in with the thing that asks: a device that does not name its thing gets nothing from such a
 * statement.
 *
 * The trust has no `aws:SourceAccount` condition: that the credential provider sets the key is not documented, and
 * without it every device would be locked out. It would add nothing: an alias reaches only roles that its maker may
 * pass, and roles cannot be passed between accounts.
 */
export class DeviceRole extends iam.Role {
  public constructor(scope: Construct, id: string, props: DeviceRoleProps = {}) {
    const services = ['credentials.iot.amazonaws.com', ...props.trustedServices ?? []];
    super(scope, id, {
      roleName: props.roleName,
      description: 'Assumed by edge devices through an IoT role alias',
      assumedBy: new iam.CompositePrincipal(...services.map((service) => new iam.ServicePrincipal(service))),
      maxSessionDuration: props.maxSessionDuration,
    });
    if (props.captureBucket) { CaptureBucketGrants.fromCaptureBucket(props.captureBucket).deviceWrite(this); }
  }
}
