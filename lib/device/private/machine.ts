import { aws_ec2 as ec2, aws_iam as iam, Duration, Stack } from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import type { SimulatedMachineProps } from '../simulated-machine';
import type { IDeviceCertificate } from '../../identity/device-certificate';
import { hasListToken, LIST_TOKEN_ADVICE, validateInteger, ValidationError } from '../../private/validation';
import { acknowledge, acknowledgeWildcards } from '../../private/nag/acknowledge';

export const DEFAULT_VOLUME_GIB = 10;

/** The checked properties that both kinds of machine need. */
export interface CheckedMachine {
  readonly certificate: IDeviceCertificate;
  readonly secretArn: string;
  readonly instanceType: ec2.InstanceType;
  readonly readyTimeout: Duration;
}

/** The properties in which the machines differ. */
export interface MachineOptions {
  readonly role: iam.IRole;
  readonly instanceType: ec2.InstanceType;
  /** The user data. */
  readonly script: string;
  /** The description of the security group. */
  readonly description: string;
  /** The description of the egress rule. */
  readonly egress: string;
}

/** A network. The machine depends on `ready`. */
interface DeviceNetwork {
  readonly vpc: ec2.IVpc;
  readonly ready?: IDependable;
}

/** Check the properties of a machine, and apply their defaults. */
export function checkMachine(scope: Construct, props: SimulatedMachineProps): CheckedMachine {
  const { device, readyTimeout = Duration.minutes(15) } = props;
  const instanceType = props.instanceType ?? ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL);
  validateInteger(scope, 'volumeSize', props.volumeSize, 8, 16_384);
  if (!readyTimeout.isUnresolved()) {
    validateInteger(scope, 'readyTimeout in seconds', readyTimeout.toSeconds({ integral: false }), 60, 55 * 60);
  }
  const { certificate } = device;
  if (certificate?.secretArn === undefined) {
    const got = certificate ? 'one whose key is on a device already' : 'none: call addCertificate() first';
    throw new ValidationError(scope, `device '${device.deviceName}' must have a certificate whose key is in a secret, got ${got}`);
  }
  return { certificate, secretArn: certificate.secretArn, instanceType, readyTimeout };
}

/**
 * The role of a machine. Its policies are inline, so that they exist before the machine starts: an agent of Systems
 * Manager that is refused waits long.
 * @param own the policies that the setup of this machine needs
 */
export function makeMachineRole(scope: Construct, description: string, own: Record<string, iam.PolicyDocument>): iam.Role {
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description,
    inlinePolicies: { Management: managementRights(scope), ...own },
  });
  acknowledgeWildcards(role, 'a machine updates itself alone: its ID is not known before its role exists', instanceArns(scope));
  acknowledgeWildcards(role, 'the actions of ssmmessages and ec2messages have no resources', '*');
  return role;
}

/** A hardened machine of Amazon Linux 2023. No port is open on it. */
export function makeMachine(scope: Construct, props: SimulatedMachineProps, options: MachineOptions): ec2.Instance {
  const { role, instanceType, script, description, egress } = options;
  const { vpc, ready }: DeviceNetwork = props.vpc ? { vpc: props.vpc } : makeNetwork(scope);
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, allowAllOutbound: false, description });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, egress);
  const { volumeSize = DEFAULT_VOLUME_GIB } = props;
  const volume = ec2.BlockDeviceVolume.ebs(volumeSize, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 });
  const instance = new ec2.Instance(scope, 'Instance', {
    vpc,
    instanceType,
    securityGroup,
    role,
    vpcSubnets: chooseSubnets(scope, vpc, props.vpcSubnets),
    machineImage: props.machineImage ?? amazonLinux(instanceType.architecture),
    blockDevices: [{ deviceName: '/dev/xvda', volume }],
    httpTokens: ec2.HttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1, // no container runs on it, so there is no hop
    userData: ec2.UserData.custom(script),
    userDataCausesReplacement: true, // user data runs once in the life of a machine: changed in place, it would never run
  });
  acknowledge(instance, 'AwsSolutions-EC28', 'a machine for trials: basic monitoring is enough');
  acknowledge(instance, 'AwsSolutions-EC29', 'the machine is deleted with its stack, and holds nothing that is not in S3');
  if (ready) {
    instance.node.addDependency(ready);
  }
  return instance;
}

/** Private subnets with a way out, or else public ones. Throws in our words where the instance would throw in EC2's or CDK's. */
function chooseSubnets(scope: Construct, vpc: ec2.IVpc, given: ec2.SubnetSelection | undefined): ec2.SubnetSelection {
  const { privateSubnets, publicSubnets } = vpc;
  if (given === undefined && privateSubnets.length === 0 && publicSubnets.length === 0) {
    throw new ValidationError(
      scope,
      'vpcSubnets must be given for a VPC whose subnets are all isolated: the machine calls AWS, so that isolated subnets do '
      + 'only with VPC endpoints, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }',
    );
  }
  const subnetType = privateSubnets.length > 0 ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PUBLIC;
  const chosen = given ?? { subnetType };
  const { subnetIds } = vpc.selectSubnets(chosen);
  if (hasListToken(subnetIds)) {
    throw new ValidationError(scope, `subnets of vpc ${LIST_TOKEN_ADVICE}`);
  }
  return chosen;
}

/**
 * A network of one public subnet. The machine needs a way out, and a NAT gateway would cost more than the machine. No port is open on its
 * address. `ec2.Vpc` is not used, because it looks up the availability zones of the account at synth. Here EC2 chooses one.
 */
function makeNetwork(scope: Construct): DeviceNetwork {
  const network = new Construct(scope, 'Network');
  const tags = [{ key: 'Name', value: network.node.path }];
  const vpc = new ec2.CfnVPC(network, 'Vpc', { cidrBlock: '10.0.0.0/28', enableDnsHostnames: true, enableDnsSupport: true, tags });
  acknowledge(vpc, 'AwsSolutions-VPC7', 'a network of one machine on which no port is open: give the machine a VPC of yours that has flow logs');
  const gateway = new ec2.CfnInternetGateway(network, 'Gateway', { tags });
  const attachment = new ec2.CfnVPCGatewayAttachment(network, 'Attachment', { vpcId: vpc.ref, internetGatewayId: gateway.ref });
  const subnet = new ec2.CfnSubnet(network, 'Subnet', { vpcId: vpc.ref, cidrBlock: '10.0.0.0/28', mapPublicIpOnLaunch: true, tags });
  const routes = new ec2.CfnRouteTable(network, 'Routes', { vpcId: vpc.ref, tags });
  const out = new ec2.CfnRoute(network, 'Out', {
    routeTableId: routes.ref, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.ref,
  });
  out.node.addDependency(attachment);
  new ec2.CfnSubnetRouteTableAssociation(network, 'Association', { subnetId: subnet.ref, routeTableId: routes.ref });
  return {
    vpc: ec2.Vpc.fromVpcAttributes(network, 'Made', {
      vpcId: vpc.ref,
      availabilityZones: [subnet.attrAvailabilityZone],
      publicSubnetIds: [subnet.ref],
      publicSubnetRouteTableIds: [routes.ref],
    }),
    ready: network,
  };
}

/** The newest Amazon Linux 2023, with its default kernel. */
function amazonLinux(architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
  const cpu = architecture === ec2.InstanceArchitecture.ARM_64 ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64;
  const parameter = `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${cpu}`;
  return ec2.MachineImage.fromSsmParameter(parameter, { os: ec2.OperatingSystemType.LINUX });
}

function instanceArns(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' });
}

/**
 * The rights that Run Command and Session Manager of Systems Manager need on an instance. The managed policy
 * AmazonSSMManagedInstanceCore is not used, because it also grants read access to every parameter of the account.
 */
function managementRights(scope: Construct): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        actions: ['ssm:UpdateInstanceInformation'],
        // The role exists before the ID of the instance is known. AWS lets an instance update itself alone.
        resources: [instanceArns(scope)],
      }),
      new iam.PolicyStatement({
        actions: [
          'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel',
          'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
          'ec2messages:AcknowledgeMessage', 'ec2messages:DeleteMessage', 'ec2messages:FailMessage', 'ec2messages:GetEndpoint',
          'ec2messages:GetMessages', 'ec2messages:SendReply',
        ],
        // These actions have no resources. The services give a machine its own messages alone.
        resources: ['*'],
      }),
    ],
  });
}
