import type { Duration } from 'aws-cdk-lib';
import { aws_iam as iam } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { CaptureBucketGrants } from '../capture/capture-bucket-grants';

/** Properties of a `DeviceRole`. */
export interface DeviceRoleProps {
  /**
   * The name of the role. It must contain `SageMaker`, `Sagemaker` or `sagemaker` only where a fleet uses AWS's managed policy.
   *
   * @default - CloudFormation generates one
   */
  readonly roleName?: string;

  /**
   * The bucket that devices write captures to, each under its own prefix.
   *
   * @default - no permission to write captures
   */
  readonly captureBucket?: ICaptureBucket;

  /**
   * Services that may assume the role beside the IoT credential provider. Edge Manager needs `sagemaker.amazonaws.com`: the role that
   * a `DeviceFleet` creates trusts it.
   *
   * @default - none
   */
  readonly trustedServices?: string[];

  /**
   * The maximum session duration: 1 to 12 hours. It limits the `credentialDuration` of a role alias.
   *
   * @default Duration.hours(1)
   */
  readonly maxSessionDuration?: Duration;
}

/**
 * Defines the role that devices assume through a role alias.
 *
 * All devices of a fleet share the role. So scope what you grant to it by `${credentials-iot:ThingName}`: the credential provider
 * replaces it by the thing that asks. A device that does not name its thing gets nothing from such a statement.
 *
 * The trust policy has no `aws:SourceAccount` condition. It is not documented that the credential provider sets this key, and where it
 * does not, every device would be locked out. The condition would add nothing: a role alias can use only roles that its creator may
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
    if (props.captureBucket) {
      CaptureBucketGrants.fromCaptureBucket(props.captureBucket).deviceWrite(this);
    }
  }
}
