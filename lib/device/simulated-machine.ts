import type { aws_ec2 as ec2, Duration } from 'aws-cdk-lib';
import type { IEdgeDevice } from '../identity/edge-device';

/** What an EC2 machine that plays a device can be given. */
export interface SimulatedMachineProps {
  /** The device that the machine plays. It must have a certificate whose key is in a secret: call `addCertificate()` first. */
  readonly device: IEdgeDevice;

  /**
   * The machine; its architecture, x86_64 or arm64, follows from it. Another type stops and starts the machine, or
   * replaces it.
   *
   * @default - t3.small
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * The image: an Amazon Linux 2023 of the machine's architecture. Another image is another machine, which is set up
   * before the old one goes.
   *
   * @default - the newest at each deployment
   */
  readonly machineImage?: ec2.IMachineImage;

  /**
   * The network. The machine needs a way out on port 443, and none in.
   *
   * @default - one is made, of a single public subnet: no NAT gateway, which would cost more than the machine, and a
   * public address that no port is open on
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Where in a given network. In a public subnet the machine has a public address.
   *
   * @default - private subnets with a way out, or else public ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Size of the encrypted volume in GiB, from 8 to 16,384.
   *
   * @default 10
   */
  readonly volumeSize?: number;

  /**
   * How long a deployment waits until the machine is ready: a device that serves all its models, a core device whose
   * nucleus runs. 1 to 55 minutes. A machine that fails says so at once; this is for one that says nothing.
   *
   * @default Duration.minutes(15)
   */
  readonly readyTimeout?: Duration;
}
