import { aws_ec2 as ec2, aws_iam as iam, Duration, Stack } from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import type { SimulatedMachineProps } from '../simulated-machine';
import type { IDeviceCertificate } from '../../identity/device-certificate';
import { validateInteger, ValidationError } from '../../private/validation';

/** What both kinds of machines need of their properties. */
export interface CheckedMachine {
  readonly certificate: IDeviceCertificate;
  readonly secretArn: string;
  readonly instanceType: ec2.InstanceType;
  readonly readyTimeout: Duration;
}

/** In what the machines differ. */
export interface MachineOptions {
  readonly role: iam.IRole;
  readonly instanceType: ec2.InstanceType;
  /** User data. */
  readonly script: string;
  /** Of the security group. */
  readonly description: string;
  /** Why it goes out. */
  readonly egress: string;
}

/** A network that the machine can use once `ready` is there. */
interface DeviceNetwork {
  readonly vpc: ec2.IVpc;
  readonly ready?: IDependable;
}

export function checkMachine(scope: Construct, props: SimulatedMachineProps): CheckedMachine {
  const { device, instanceType = ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL), readyTimeout = Duration.minutes(15) } = props;
  validateInteger(scope, 'volumeSize', props.volumeSize, 8, 16_384);
  if (!readyTimeout.isUnresolved()) { validateInteger(scope, 'readyTimeout in seconds', readyTimeout.toSeconds({ integral: false }), 60, 55 * 60); }
  const { certificate } = device;
  if (certificate?.secretArn === undefined) {
    throw new ValidationError(scope, `device '${device.deviceName}' must have a certificate whose key is in a secret, got ${certificate ? 'one whose key is on a device already' : 'none: call addCertificate() first'}`);
  }
  return { certificate, secretArn: certificate.secretArn, instanceType, readyTimeout };
}

/** `own`: what this machine's setup needs. There before the machine starts: an agent of Systems Manager that is refused sleeps for long. */
export function makeMachineRole(scope: Construct, description: string, own: Record<string, iam.PolicyDocument>): iam.Role {
  return new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'), description, inlinePolicies: { Management: managementRights(scope), ...own },
  });
}

/** A hardened machine of Amazon Linux 2023 that no port is open on. */
export function makeMachine(scope: Construct, props: SimulatedMachineProps, options: MachineOptions): ec2.Instance {
  const { role, instanceType, script, description, egress } = options;
  const { vpc, ready }: DeviceNetwork = props.vpc ? { vpc: props.vpc } : makeNetwork(scope);
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, allowAllOutbound: false, description });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, egress);
  const instance = new ec2.Instance(scope, 'Instance', {
    vpc, instanceType, securityGroup, role,
    vpcSubnets: props.vpcSubnets ?? (vpc.privateSubnets.length > 0 ? undefined : { subnetType: ec2.SubnetType.PUBLIC }),
    machineImage: props.machineImage ?? amazonLinux(instanceType.architecture),
    blockDevices: [{ deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(props.volumeSize ?? 10, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }) }],
    httpTokens: ec2.HttpTokens.REQUIRED, httpPutResponseHopLimit: 1, // no container on it, so no hop
    userData: ec2.UserData.custom(script), userDataCausesReplacement: true, // it runs once in a machine's life: in place, a machine would never hear of a change
  });
  if (ready) { instance.node.addDependency(ready); }
  return instance;
}

/**
 * One public subnet: the machine needs a way out, and a NAT gateway would cost more than the machine. No port is open
 * on its address. Not `ec2.Vpc`, which looks the account's availability zones up at synth: here EC2 chooses one.
 */
function makeNetwork(scope: Construct): DeviceNetwork {
  const network = new Construct(scope, 'Network');
  const tags = [{ key: 'Name', value: network.node.path }];
  const vpc = new ec2.CfnVPC(network, 'Vpc', { cidrBlock: '10.0.0.0/28', enableDnsHostnames: true, enableDnsSupport: true, tags });
  const gateway = new ec2.CfnInternetGateway(network, 'Gateway', { tags });
  const attachment = new ec2.CfnVPCGatewayAttachment(network, 'Attachment', { vpcId: vpc.ref, internetGatewayId: gateway.ref });
  const subnet = new ec2.CfnSubnet(network, 'Subnet', { vpcId: vpc.ref, cidrBlock: '10.0.0.0/28', mapPublicIpOnLaunch: true, tags });
  const routes = new ec2.CfnRouteTable(network, 'Routes', { vpcId: vpc.ref, tags });
  const out = new ec2.CfnRoute(network, 'Out', { routeTableId: routes.ref, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.ref });
  out.addResourceDependency(attachment);
  new ec2.CfnSubnetRouteTableAssociation(network, 'Association', { subnetId: subnet.ref, routeTableId: routes.ref });
  return {
    vpc: ec2.Vpc.fromVpcAttributes(network, 'Made', {
      vpcId: vpc.ref, availabilityZones: [subnet.attrAvailabilityZone], publicSubnetIds: [subnet.ref], publicSubnetRouteTableIds: [routes.ref],
    }),
    ready: network,
  };
}

/** The newest Amazon Linux 2023, with the kernel that it chooses itself. */
function amazonLinux(architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
  const cpu = architecture === ec2.InstanceArchitecture.ARM_64 ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64;
  return ec2.MachineImage.fromSsmParameter(`/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${cpu}`, { os: ec2.OperatingSystemType.LINUX });
}

/**
 * What Systems Manager's Run Command and Session Manager need of an instance. The managed policy for this
 * (AmazonSSMManagedInstanceCore) also lets the machine read every parameter of the account, so it is not used.
 */
function managementRights(scope: Construct): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        actions: ['ssm:UpdateInstanceInformation'],
        // The instance's id is not known before its role is: any instance, but only by itself.
        resources: [Stack.of(scope).formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })],
      }),
      new iam.PolicyStatement({
        actions: [
          'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
          'ec2messages:AcknowledgeMessage', 'ec2messages:DeleteMessage', 'ec2messages:FailMessage', 'ec2messages:GetEndpoint',
          'ec2messages:GetMessages', 'ec2messages:SendReply',
        ],
        resources: ['*'], // these actions have no resources; the services give a machine its own messages alone
      }),
    ],
  });
}
