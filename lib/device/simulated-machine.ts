import type { aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_s3 as s3, Duration } from 'aws-cdk-lib';
import type { IEdgeDevice } from '../identity/edge-device';

/** Properties of an EC2 instance that simulates a device. */
export interface SimulatedMachineProps {
  /** The device to simulate. It must have a certificate whose key is in a secret: call `addCertificate()` first. */
  readonly device: IEdgeDevice;

  /**
   * The instance type. It determines the architecture: x86_64 or arm64. A new type stops and starts the machine, or replaces it.
   *
   * @default - t3.small
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * The machine image: Amazon Linux 2023 for the architecture of the instance type. A new image replaces the machine.
   * The new machine is set up before the old one is deleted.
   *
   * @default - the newest Amazon Linux 2023 at each deployment
   */
  readonly machineImage?: ec2.IMachineImage;

  /**
   * The VPC. The machine needs outbound access on port 443, and no inbound access. Without a way to the internet, it needs VPC endpoints:
   * see `docs/network.md`.
   *
   * @default - one VPC for all machines of the stack that are given none, with one public subnet. It has no NAT gateway, which would cost
   * more than the machine. The machine has a public address, and no port is open on it
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC to choose from. In a public subnet the machine has a public address.
   *
   * @default - private subnets with outbound access, or else public subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The size of the encrypted volume in GiB: 8 to 16,384. It must hold the models, one of them also as the package that it is
   * unpacked from, and 3 GiB for the system. For a new version of a large model, give room for both versions.
   *
   * @default 10
   */
  readonly volumeSize?: number;

  /**
   * The KMS key that encrypts the volume. EC2 uses it with the rights of who deploys, which must include `kms:CreateGrant` on the key.
   *
   * @default - the key of the account for EBS
   */
  readonly volumeEncryptionKey?: kms.IKey;

  /**
   * The security group of the machine. The machine needs outbound access on port 443, and no inbound access. It needs `vpc`.
   *
   * @default - a new security group with outbound access on port 443 alone
   */
  readonly securityGroup?: ec2.ISecurityGroup;

  /**
   * The role of the machine. It must trust `ec2.amazonaws.com`. What the machine needs is granted to it. Do not give two machines one
   * role: each could read the key of the other's device.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;

  /**
   * Commands of a shell that run once, before the machine is set up, as `ec2.UserData.forLinux()` takes them. They run as root in a
   * shell of their own. If one fails, the setup fails with its words. Commands for after the setup: `addUserData`. A change replaces the
   * machine.
   *
   * @default - no commands
   */
  readonly userData?: ec2.UserData;

  /**
   * The bucket for the manifest and the reports of the machine, and for the inputs of predictions, for example one with a KMS key of your
   * own. The objects are below `manifests/`, `reports/` and `inputs/`, each with the name of the thing. What you put below `inputs/`
   * stays when the stack is deleted.
   *
   * @default - one bucket for all machines of the stack, encrypted by S3, which is deleted with the stack
   */
  readonly manifestBucket?: s3.IBucket;

  /**
   * How long the stack waits until the machine is ready: 1 to 55 minutes. A device is ready when it serves all its
   * models, a core device when its nucleus runs. A machine that fails reports it at once, and the stack does not wait
   * for the timeout.
   *
   * @default Duration.minutes(15)
   */
  readonly readyTimeout?: Duration;
}
