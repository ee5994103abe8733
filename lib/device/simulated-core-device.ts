import { aws_iam as iam, Stack, type aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CredentialEndpoint } from '../identity/credential-endpoint';
import { DeviceCertificateGrants } from '../identity/device-certificate-grants';
import { coreDeviceUserData } from './private/core-device-user-data';
import { checkMachine, makeMachine, makeMachineRole } from './private/machine';
import type { CoreDeviceManifest } from './private/manifest-contract';
import { DeviceProvider, setupReportKey } from './private/provider';
import { membershipsOf } from '../greengrass/private/membership';
import { checkVersion } from '../greengrass/private/recipe-check';
import { validateText } from '../private/validation';
import type { SimulatedMachineProps } from './simulated-machine';

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

/** Properties of a `SimulatedCoreDevice`. The device must be a member of a `GreengrassFleet`. */
export interface SimulatedCoreDeviceProps extends SimulatedMachineProps {
  /**
   * The nucleus.
   *
   * @default - AWS's archive of 2.18.2, whose signature is verified
   */
  readonly nucleus?: NucleusArchive;
}

/**
 * Defines an EC2 instance that plays a Greengrass core device: Amazon Linux 2023 with nucleus classic, provisioned by its certificate, reached through
 * Systems Manager alone.
 *
 * The stack waits until the nucleus is set up, at creation and whenever the machine is replaced; a setup that fails fails the deployment with the step
 * and the last words of it, and a machine that is being replaced stays.
 *
 * Components run as `ggc_user`, with the rights of the device's role and without a way to the machine's own. To let the stack wait until the device has
 * carried its deployment out and is healthy, make the deployment depend on this construct and give it `waitForDevices`: it is then deleted before the
 * machine as well, so that an uninstallation reaches the device. What Greengrass knows of the core device goes with its membership in the fleet.
 *
 * A machine that takes another's place, with another image, nucleus or certificate, begins without components: to Greengrass the device has carried its
 * deployment out, and gets the next one. Give a `machineImage` of your own to keep the machine when Amazon Linux has a newer one.
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
    const { device } = props;
    const { certificate, secretArn, instanceType, readyTimeout } = checkMachine(this, props);
    const provider = DeviceProvider.getOrCreate(this);
    const { bucketName } = provider.bucket;
    const { thingName } = device.thing;
    this.role = makeMachineRole(this, 'Machine that plays a Greengrass core device', {
      // By each machine of this device, whose id is not known before its role is: one that is replaced must not lose what it has said.
      Report: new iam.PolicyDocument({ statements: [new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [provider.bucket.arnForObjects(setupReportKey(thingName, '*'))] })] }),
    });
    this.grantPrincipal = this.role;
    const nucleus = props.nucleus ?? NucleusArchive.release('2.18.2');
    const endpoint = CredentialEndpoint.forStack(this);
    const script = coreDeviceUserData({
      region: Stack.of(this).region, thingName: device.thing.thingName, secretArn, certificateId: certificate.certificateId, bucketName, reportKey: setupReportKey(thingName, '$instance'),
      roleAliasName: device.roleAlias.roleAliasName, credentialEndpoint: endpoint.endpointAddress, dataEndpoint: endpoint.dataEndpointAddress,
      nucleusVersion: nucleus.version, nucleusUri: nucleus.uri, nucleusSha256: nucleus.sha256 ?? '',
    });
    this.instance = makeMachine(this, props, {
      role: this.role, instanceType, script, description: 'A core device: nothing in, HTTPS out',
      egress: 'AWS, the nucleus, and the packages of Amazon Linux',
    });
    DeviceCertificateGrants.fromDeviceCertificate(certificate).readSecret(this.role).applyBefore(this.instance);
    // Deleted before the membership, with which Greengrass forgets the core device: a nucleus that still runs would make itself known again.
    this.instance.node.addDependency(membershipsOf(device.thing), device, certificate, device.roleAlias, provider.bucket, ...device.captureBucket ? [device.captureBucket] : []);
    const { instanceId } = this.instance;
    const machine = { format: 'cdk-sagemaker-edge/core-device-1', instanceId, thingName: device.thing.thingName } satisfies CoreDeviceManifest;
    provider.manifestResource(this, thingName, Stack.of(this).toJsonString(machine), readyTimeout, setupReportKey(thingName, instanceId));
  }
}
