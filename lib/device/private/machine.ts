import { aws_ec2 as ec2, aws_iam as iam, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import type { SimulatedMachineProps } from '../simulated-machine';
import { DeviceEndpoints } from './endpoints';
import type { MachineScript } from './machine-script';
import { DeviceNetwork } from './network';
import type { IDeviceCertificate } from '../../identity/device-certificate';
import { TokenLength } from '../../private/token-length';
import { validateTrust } from '../../private/trust';
import { hasListToken, LIST_TOKEN_ADVICE, validateInteger, ValidationError } from '../../private/validation';
import { acknowledge, acknowledgeWildcards } from '../../private/nag/acknowledge';

export const DEFAULT_VOLUME_GIB = 10;
/** EC2's limit, before base64. */
const MAX_USER_DATA_BYTES = 16_384;

/** The checked properties that both kinds of machine need. */
export interface CheckedMachine {
  readonly certificate: IDeviceCertificate;
  readonly secretArn: string;
  readonly instanceType: ec2.InstanceType;
  readonly readyTimeout: Duration;
}

/** The properties in which the machines differ. */
export interface MachineOptions {
  readonly role: MachineRole;
  readonly instanceType: ec2.InstanceType;
  /** The user data. */
  readonly script: MachineScript;
  /** The description of the security group. */
  readonly description: string;
  /** The description of the egress rule. */
  readonly egress: string;
  /**
   * Whether to add VPC endpoints for what the machine calls.
   *
   * @default false
   */
  readonly vpcEndpoints?: boolean;
}

/** Check the properties of a machine, and apply their defaults. */
export function checkMachine(scope: Construct, props: SimulatedMachineProps): CheckedMachine {
  const { device, readyTimeout = Duration.minutes(15) } = props;
  const instanceType = props.instanceType ?? ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL);
  validateInteger(scope, 'volumeSize', props.volumeSize, 8, 16_384);
  checkOwn(scope, props);
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

/** The rights that the setup of a machine needs: policies by name. */
export type MachineRights = Readonly<Record<string, iam.PolicyDocument>>;

/** A role, and what has to be there before its machine starts. */
export interface MachineRole {
  readonly role: iam.IRole;
  /** What a finding about the rights of the machine is about. */
  readonly owner: IConstruct;
}

/**
 * The role of a machine. Its rights exist before the machine starts: an agent of Systems Manager that is refused waits long. So they are
 * inline in a role that is created here, and the machine depends on the policy that a given role gets.
 * @param own the rights that the setup of this machine needs
 */
export function makeMachineRole(scope: Construct, given: iam.IRole | undefined, description: string, own: MachineRights): MachineRole {
  const rights: MachineRights = { Management: managementRights(scope), ...own };
  const made = given === undefined ? ownRole(scope, description, rights) : givenRole(scope, given, rights);
  acknowledgeWildcards(made.owner, 'a machine updates itself alone: its ID is not known before its role exists', instanceArns(scope));
  acknowledgeWildcards(made.owner, 'the actions of ssmmessages and ec2messages have no resources', '*');
  return made;
}

function ownRole(scope: Construct, description: string, inlinePolicies: Record<string, iam.PolicyDocument>): MachineRole {
  const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'), description, inlinePolicies });
  return { role, owner: role };
}

function givenRole(scope: Construct, role: iam.IRole, rights: MachineRights): MachineRole {
  validateTrust(scope, 'role', role, ['ec2.amazonaws.com']);
  const owner = new Construct(scope, 'Rights');
  for (const [id, document] of Object.entries(rights)) {
    role.attachInlinePolicy(new iam.Policy(owner, id, { document })); // which an imported role may leave out
  }
  return { role, owner };
}

/** Volumes, network and access of a machine. */
function checkOwn(scope: Construct, { vpc, vpcSubnets, securityGroup, userData }: SimulatedMachineProps): void {
  for (const [what, value] of Object.entries({ vpcSubnets, securityGroup })) {
    if (value !== undefined && vpc === undefined) {
      throw new ValidationError(scope, `${what} needs a vpc, got none`);
    }
  }
  if (userData instanceof ec2.MultipartUserData || userData?.render().startsWith('<powershell>') === true) {
    throw new ValidationError(scope, 'userData must be commands of a shell, as ec2.UserData.forLinux() takes them, got user data of another kind');
  }
}

/** A hardened machine of Amazon Linux 2023. No port is open on it. */
export function makeMachine(scope: Construct, props: SimulatedMachineProps, options: MachineOptions): ec2.Instance {
  const { role: { role, owner }, instanceType, script } = options;
  const network = props.vpc ? undefined : DeviceNetwork.of(scope);
  const vpc = props.vpc ?? DeviceNetwork.of(scope).vpc;
  const { volumeSize = DEFAULT_VOLUME_GIB, volumeEncryptionKey: kmsKey } = props;
  const volume = ec2.BlockDeviceVolume.ebs(volumeSize, { encrypted: true, kmsKey, volumeType: ec2.EbsDeviceVolumeType.GP3 });
  checkSize(scope, script);
  const securityGroup = props.securityGroup ?? ownGroup(scope, vpc, options);
  const vpcSubnets = chooseSubnets(scope, vpc, props.vpcSubnets, options.vpcEndpoints === true);
  const endpoints = options.vpcEndpoints === true ? DeviceEndpoints.of(scope, vpc, vpcSubnets) : undefined;
  endpoints?.allowFrom(securityGroup);
  const instance = new ec2.Instance(scope, 'Instance', {
    vpc,
    instanceType,
    securityGroup,
    role,
    vpcSubnets,
    machineImage: props.machineImage ?? amazonLinux(instanceType.architecture),
    blockDevices: [{ deviceName: '/dev/xvda', volume }],
    httpTokens: ec2.HttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1, // no container runs on it, so there is no hop
    userData: ec2.UserData.custom(Lazy.string({ produce: () => script.render() })),
    userDataCausesReplacement: true, // user data runs once in the life of a machine: changed in place, it would never run
  });
  acknowledge(instance, 'AwsSolutions-EC28', 'a machine for trials: basic monitoring is enough');
  acknowledge(instance, 'AwsSolutions-EC29', 'the machine is deleted with its stack, and holds nothing that is not in S3');
  if (owner !== role) { // its own role has its rights in itself
    instance.node.addDependency(owner);
  }
  for (const before of [network, endpoints]) {
    if (before) {
      instance.node.addDependency(before);
    }
  }
  return instance;
}

function ownGroup(scope: Construct, vpc: ec2.IVpc, { description, egress }: MachineOptions): ec2.ISecurityGroup {
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, allowAllOutbound: false, description });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, egress);
  return securityGroup;
}

/** EC2 would refuse the machine at deployment. */
function checkSize(scope: Construct, script: MachineScript): void {
  scope.node.addValidation({
    validate: () => {
      const bytes = new TokenLength(scope, 'least').ofText(script.render());
      return bytes <= MAX_USER_DATA_BYTES ? [] : [
        `the user data of a machine must have at most ${MAX_USER_DATA_BYTES} bytes (tokens counted at their shortest), got ${bytes}: `
        + 'let your commands fetch what is large from S3',
      ];
    },
  });
}

/**
 * Private subnets with a way out, or else public ones; with endpoints isolated ones first. Throws in our words where the instance would
 * throw in EC2's or CDK's.
 */
function chooseSubnets(
  scope: Construct, vpc: ec2.IVpc, given: ec2.SubnetSelection | undefined, withEndpoints: boolean,
): ec2.SubnetSelection {
  const { privateSubnets, publicSubnets, isolatedSubnets } = vpc;
  const isIsolated = isolatedSubnets.length > 0 && withEndpoints;
  if (given === undefined && privateSubnets.length === 0 && publicSubnets.length === 0 && !isIsolated) {
    throw new ValidationError(
      scope,
      'vpcSubnets must be given for a VPC whose subnets are all isolated: the machine calls AWS, so that isolated subnets do '
      + 'only with VPC endpoints, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }. docs/network.md lists the endpoints. '
      + 'A SimulatedDevice adds them with vpcEndpoints: true',
    );
  }
  const outward = privateSubnets.length > 0 ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PUBLIC;
  const chosen = given ?? { subnetType: isIsolated ? ec2.SubnetType.PRIVATE_ISOLATED : outward };
  if (hasListToken(selectedIds(scope, vpc, chosen))) {
    throw new ValidationError(scope, `subnets of vpc ${LIST_TOKEN_ADVICE}`);
  }
  return chosen;
}

function selectedIds(scope: Construct, vpc: ec2.IVpc, chosen: ec2.SubnetSelection): string[] {
  const { privateSubnets, publicSubnets, isolatedSubnets } = vpc;
  const message = (reason: string): string => 'vpcSubnets must select at least one subnet of the vpc, got none of its '
    + `${publicSubnets.length} public, ${privateSubnets.length} private and ${isolatedSubnets.length} isolated subnets${reason}`;
  let subnetIds: string[];
  try {
    ({ subnetIds } = vpc.selectSubnets(chosen));
  } catch (error) {
    throw new ValidationError(scope, message(`: ${error instanceof Error ? error.message : String(error)}`));
  }
  if (subnetIds.length === 0) {
    throw new ValidationError(scope, message(''));
  }
  return subnetIds;
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
