import { aws_iam as iam, Stack, type aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CredentialEndpoint } from '../identity/credential-endpoint';
import { DeviceCertificateGrants } from '../identity/device-certificate-grants';
import { coreDeviceUserData, type CoreDeviceSettings } from './private/core-device-user-data';
import { checkMachine, makeMachine, makeMachineRole } from './private/machine';
import { MachineScript } from './private/machine-script';
import type { CoreDeviceManifest } from './private/manifest-contract';
import { DeviceProvider, keyRights, setupReportKey } from './private/provider';
import { membershipsOf } from '../greengrass/private/membership';
import { checkVersion } from '../greengrass/private/recipe-check';
import { validateText } from '../private/validation';
import type { SimulatedMachineProps } from './simulated-machine';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** The place where AWS publishes nucleus classic. */
const RELEASES = 'https://d2s8p88vqu9w66.cloudfront.net/releases';

/** An archive of nucleus classic. */
export class NucleusArchive {
  /**
   * Use an archive that AWS publishes. The machine verifies its digest, or, without a digest, its signature, before it runs anything of it.
   *
   * @param version the version of the nucleus: three numbers, 2.9.5 or later. Earlier versions are not signed
   * @param sha256 the SHA-256 of the archive: 64 lower-case hexadecimal digits
   */
  public static release(version: string, sha256?: string): NucleusArchive {
    return new NucleusArchive(version, `${RELEASES}/greengrass-${version}.zip`, sha256);
  }

  /**
   * Use an archive at another place, for example a mirror of your own.
   *
   * @param version the version of the nucleus in the archive
   * @param uri the https URL of the archive, which the machine must be able to reach
   * @param sha256 the SHA-256 of the archive: 64 lower-case hexadecimal digits
   */
  public static fromUri(version: string, uri: string, sha256: string): NucleusArchive {
    validateText(undefined, 'uri of a nucleus archive', uri, { pattern: /^https:\/\/[^\s'"$]+$/, wanted: 'an https URL' });
    return new NucleusArchive(version, uri, sha256);
  }

  private constructor(
    /** The version of the nucleus. */
    public readonly version: string,
    /** The URL of the archive. */
    public readonly uri: string,
    /** The SHA-256 of the archive. If it is undefined, the signature of the archive is verified instead. */
    public readonly sha256?: string,
  ) {
    checkVersion(undefined, version);
    validateText(undefined, 'sha256 of a nucleus archive', sha256, {
      pattern: /^[0-9a-f]{64}$/, wanted: 'a SHA-256 of 64 lower-case hexadecimal digits',
    });
  }
}

/** Properties of a `SimulatedCoreDevice`. The device must be a member of a `GreengrassFleet`. */
export interface SimulatedCoreDeviceProps extends SimulatedMachineProps {
  /**
   * The archive of the nucleus.
   *
   * @default - AWS's archive of version 2.18.2, whose signature is verified
   */
  readonly nucleus?: NucleusArchive;
}

/**
 * Define an EC2 instance that simulates a Greengrass core device.
 *
 * It runs Amazon Linux 2023 with nucleus classic, which is provisioned with the certificate of the device. Systems
 * Manager is the only way to it.
 *
 * The stack waits until the nucleus is set up, when the machine is created and when it is replaced. If the setup fails,
 * the deployment fails with the step and its last output. A machine that was to be replaced stays.
 *
 * Components run as `ggc_user`, with the rights of the role that the device assumes. They have no access to the role of
 * the machine.
 *
 * To let the stack wait until the device has completed its deployment and is healthy, make the `FleetDeployment` depend
 * on this construct, and set `waitForDevices`. The deployment is then deleted before the machine, so that an
 * uninstallation reaches the device. The core device of Greengrass is deleted with its membership in the fleet.
 *
 * A machine is replaced when its image, nucleus or certificate changes. The new machine begins without components,
 * because for Greengrass the device has completed its deployment: it gets components with the next one. To keep the
 * machine when a newer Amazon Linux is released, set `machineImage`.
 */
export class SimulatedCoreDevice extends Construct implements iam.IGrantable {
  /** The EC2 instance. */
  public readonly instance: ec2.Instance;

  /** The role of the machine. The nucleus and its components do not use it: they have the rights of the device's certificate. */
  public readonly role: iam.IRole;

  /** The principal to grant permissions to: the role of the machine. */
  public readonly grantPrincipal: iam.IPrincipal;

  private readonly script: MachineScript;

  public constructor(scope: Construct, id: string, props: SimulatedCoreDeviceProps) {
    super(scope, id);
    const { device } = props;
    const { certificate, secretArn, instanceType, readyTimeout } = checkMachine(this, props);
    const provider = DeviceProvider.getOrCreate(this);
    const bucket = provider.bucketFor(props.manifestBucket);
    const { bucketName } = bucket;
    const { thingName } = device.thing;
    // Each machine of this device has its own report. The role exists before the ID of the machine is known.
    const reports = bucket.arnForObjects(setupReportKey(thingName, '*'));
    const role = makeMachineRole(this, props.role, 'Machine that plays a Greengrass core device', {
      Report: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [reports] }), ...keyRights(bucket, 'kms:GenerateDataKey'),
        ],
      }),
    });
    this.role = role.role;
    acknowledgeWildcards(role.owner, 'the reports of the machines of one device: the ID of a machine is not known before its role exists', reports);
    this.grantPrincipal = this.role;
    const nucleus = props.nucleus ?? NucleusArchive.release('2.18.2');
    const endpoint = CredentialEndpoint.forStack(this);
    const settings: CoreDeviceSettings = {
      region: Stack.of(this).region,
      thingName,
      secretArn,
      certificateId: certificate.certificateId,
      bucketName,
      reportKey: setupReportKey(thingName, '$instance'),
      roleAliasName: device.roleAlias.roleAliasName,
      credentialEndpoint: endpoint.endpointAddress,
      dataEndpoint: endpoint.dataEndpointAddress,
      nucleusVersion: nucleus.version,
      nucleusUri: nucleus.uri,
      nucleusSha256: nucleus.sha256 ?? '',
    };
    this.script = new MachineScript(props.userData, (before) => coreDeviceUserData(settings, before));
    this.instance = makeMachine(this, props, {
      role,
      instanceType,
      script: this.script,
      description: 'A core device: nothing in, HTTPS out',
      egress: 'AWS, the nucleus, and the packages of Amazon Linux',
    });
    DeviceCertificateGrants.fromDeviceCertificate(certificate).readSecret(this.role).applyBefore(this.instance);
    const captureBucket = device.captureBucket ? [device.captureBucket] : [];
    this.instance.node.addDependency(
      // The core device is deleted with its membership. A nucleus that still runs would register it again.
      membershipsOf(device.thing),
      device, certificate, device.roleAlias, bucket, ...captureBucket,
    );
    const { instanceId } = this.instance;
    const machine = { format: 'cdk-sagemaker-edge/core-device-1', instanceId, thingName } satisfies CoreDeviceManifest;
    provider.manifestResource(this, {
      thing: device.thing, bucket, manifest: Stack.of(this).toJsonString(machine), timeout: readyTimeout,
      reportKey: setupReportKey(thingName, instanceId),
    });
  }

  /**
   * Add commands of a shell that run once, after the nucleus is set up. They run as root. The stack waits for them: if one fails, the
   * setup fails with its words. A change replaces the machine.
   */
  public addUserData(...commands: string[]): void {
    this.script.addCommands(...commands);
  }
}
