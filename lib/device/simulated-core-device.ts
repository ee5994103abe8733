import { aws_ec2 as ec2, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CredentialEndpoint } from '../identity/credential-endpoint';
import { DeviceCertificateGrants } from '../identity/device-certificate-grants';
import type { IEdgeDevice } from '../identity/edge-device';
import { coreDeviceUserData } from '../private/core-device-user-data';
import { amazonLinux, makeNetwork, managementRights, type DeviceNetwork } from '../private/device-machine';
import { checkVersion } from '../private/greengrass-recipe-check';
import { validateInteger, validateText, ValidationError } from '../private/validation';

/** Where AWS publishes nucleus classic. */
const RELEASES = 'https://d2s8p88vqu9w66.cloudfront.net/releases';

/** An archive of nucleus classic. */
export class NucleusArchive {
  /**
   * AWS's own archive of a version. The machine verifies its signature before it runs anything of it, or its digest where that is given.
   *
   * @param version three parts, at least 2.9.5: earlier ones are not signed
   * @param sha256 the SHA-256 of the archive, 64 lower-case hexadecimal digits
   */
  public static release(version: string, sha256?: string): NucleusArchive {
    return new NucleusArchive(version, `${RELEASES}/greengrass-${version}.zip`, sha256);
  }

  /**
   * An archive from elsewhere, an own mirror for example.
   *
   * @param version the version that it holds
   * @param uri an https URL that the machine can reach
   * @param sha256 the SHA-256 of the archive, 64 lower-case hexadecimal digits
   */
  public static fromUri(version: string, uri: string, sha256: string): NucleusArchive {
    validateText(undefined, 'uri of a nucleus archive', uri, { pattern: /^https:\/\/[^\s'"$]+$/, wanted: 'an https URL' });
    return new NucleusArchive(version, uri, sha256);
  }

  private constructor(
    /** The version of the nucleus. */
    public readonly version: string,
    /** Where the archive is. */
    public readonly uri: string,
    /** The SHA-256 of the archive; undefined where its signature is verified instead. */
    public readonly sha256?: string,
  ) {
    checkVersion(undefined, version);
    validateText(undefined, 'sha256 of a nucleus archive', sha256, { pattern: /^[0-9a-f]{64}$/, wanted: 'a SHA-256 of 64 lower-case hexadecimal digits' });
  }
}

/** Properties of a `SimulatedCoreDevice`. */
export interface SimulatedCoreDeviceProps {
  /** The device that the machine plays, a member of a `GreengrassFleet`. Its certificate must have its key in a secret. */
  readonly device: IEdgeDevice;

  /**
   * The nucleus.
   *
   * @default - AWS's archive of 2.18.2, whose signature is verified
   */
  readonly nucleus?: NucleusArchive;

  /**
   * The machine; its architecture, x86_64 or arm64, follows from it.
   *
   * @default - t3.small
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * The image: an Amazon Linux 2023 of the machine's architecture. Another image is another machine.
   *
   * @default - the newest at each deployment
   */
  readonly machineImage?: ec2.IMachineImage;

  /**
   * The network. The machine needs a way out on port 443, and none in.
   *
   * @default - one is made, of a single public subnet: no NAT gateway, which would cost more than the machine, and a public address that no port is open on
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
}

/**
 * Defines an EC2 instance that plays a Greengrass core device: Amazon Linux 2023 with nucleus classic, provisioned by its certificate, reached through
 * Systems Manager alone.
 *
 * Components run as `ggc_user`, with the rights of the device's role and without a way to the machine's own. To let the stack wait until the device has
 * carried its deployment out, make the deployment depend on this construct and give it `waitForDevices`: it is then deleted before the machine as well,
 * so that an uninstallation reaches the device. What Greengrass knows of the core device goes with its membership in the fleet.
 */
export class SimulatedCoreDevice extends Construct implements iam.IGrantable {
  /** The machine. */
  public readonly instance: ec2.Instance;

  /** The role of the machine. The nucleus and its components do not use it: they have the rights of the certificate. */
  public readonly role: iam.Role;

  /** To whom the machine's rights are granted. */
  public readonly grantPrincipal: iam.IPrincipal;

  public constructor(scope: Construct, id: string, props: SimulatedCoreDeviceProps) {
    super(scope, id);
    const { device, instanceType = ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL) } = props;
    validateInteger(this, 'volumeSize', props.volumeSize, 8, 16_384);
    const { certificate } = device;
    if (certificate?.secretArn === undefined) {
      throw new ValidationError(this, `device '${device.deviceName}' must have a certificate whose key is in a secret, got ${certificate ? 'one whose key is on a device already' : 'none: call addCertificate() first'}`);
    }
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'), description: 'Machine that plays a Greengrass core device',
      inlinePolicies: { Management: managementRights(this) }, // there before the machine starts: an agent of Systems Manager that is refused sleeps for long
    });
    this.grantPrincipal = this.role;
    const nucleus = props.nucleus ?? NucleusArchive.release('2.18.2');
    const endpoint = CredentialEndpoint.forStack(this);
    const script = coreDeviceUserData({
      region: Stack.of(this).region, thingName: device.thing.thingName, secretArn: certificate.secretArn, certificateId: certificate.certificateId,
      roleAliasName: device.roleAlias.roleAliasName, credentialEndpoint: endpoint.endpointAddress, dataEndpoint: endpoint.dataEndpointAddress,
      nucleusVersion: nucleus.version, nucleusUri: nucleus.uri, nucleusSha256: nucleus.sha256 ?? '',
    });
    this.instance = this.makeInstance(props, instanceType, script);
    DeviceCertificateGrants.fromDeviceCertificate(certificate).readSecret(this.role).applyBefore(this.instance);
    this.instance.node.addDependency(device, certificate, device.roleAlias, ...device.captureBucket ? [device.captureBucket] : []);
  }

  private makeInstance(props: SimulatedCoreDeviceProps, instanceType: ec2.InstanceType, script: string): ec2.Instance {
    const { vpc, ready }: DeviceNetwork = props.vpc ? { vpc: props.vpc } : makeNetwork(this);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, allowAllOutbound: false, description: 'A core device: nothing in, HTTPS out' });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'AWS, the nucleus, and the packages of Amazon Linux');
    const instance = new ec2.Instance(this, 'Instance', {
      vpc, instanceType, securityGroup, role: this.role,
      vpcSubnets: props.vpcSubnets ?? (vpc.privateSubnets.length > 0 ? undefined : { subnetType: ec2.SubnetType.PUBLIC }),
      machineImage: props.machineImage ?? amazonLinux(instanceType.architecture),
      blockDevices: [{ deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(props.volumeSize ?? 10, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }) }],
      httpTokens: ec2.HttpTokens.REQUIRED, httpPutResponseHopLimit: 1, // no container on it, so no hop
      userData: ec2.UserData.custom(script), userDataCausesReplacement: true,
    });
    if (ready) { instance.node.addDependency(ready); }
    return instance;
  }
}
