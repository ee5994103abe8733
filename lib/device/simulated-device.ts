import { aws_iam as iam, Lazy, Stack, Token, type aws_ec2 as ec2, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AgentConfig } from '../agent/agent-config';
import { AgentRelease } from '../agent/agent-release';
import { DeviceCertificateGrants } from '../identity/device-certificate-grants';
import type { IEdgeDevice } from '../identity/edge-device';
import { ModelRuntime, type IDeployableModel } from '../model/deployable-model';
import { ModelGrants } from '../model/model-grants';
import { OnnxModel } from '../model/onnx-model';
import { BootstrapAsset } from '../agent/private/release-asset';
import { DeviceDocuments, type DocumentName } from './private/documents';
import type { DeviceManifest, ModelArtifact } from './private/manifest-contract';
import { deviceKeys, DeviceProvider, keyRights, type DeviceKeys } from './private/provider';
import { checkMachine, DEFAULT_VOLUME_GIB, makeMachine, makeMachineRole, type MachineRole } from './private/machine';
import { MachineScript } from './private/machine-script';
import { predictionParameters } from './private/prediction-parameters';
import { userData, type UserDataSettings } from './private/user-data';
import { volumeProblem } from './private/volume';
import { literalThingName } from '../private/thing-name';
import { ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import type { PredictionOptions } from './prediction-options';
import type { SimulatedMachineProps } from './simulated-machine';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** Properties of a `SimulatedDevice`. */
export interface SimulatedDeviceProps extends SimulatedMachineProps {
  /**
   * The models that the device serves, each under its own name.
   *
   * @default - only the models that `addModel` adds
   */
  readonly models?: IDeployableModel[];

  /**
   * The configuration of the agent.
   *
   * @default - the defaults of `AgentConfig`
   */
  readonly agentConfig?: AgentConfig;

  /**
   * The release of the agent.
   *
   * @default - the release that comes with this library
   */
  readonly agentRelease?: AgentRelease;

  /**
   * Whether to add VPC endpoints to `vpc` for all that the device and its machine call, so that they need no way to the internet: S3,
   * Secrets Manager, Systems Manager and the IoT credential provider, with a private hosted zone for the latter. Machines of one stack
   * share them. The VPC must have none of them yet, and DNS hostnames and DNS support. Each interface endpoint costs by the hour and zone.
   *
   * @default false
   */
  readonly vpcEndpoints?: boolean;
}

/**
 * Define an EC2 instance that simulates a device.
 *
 * It runs Amazon Linux 2023 with the edge agent. Systems Manager is the only way to it.
 *
 * The user data of the machine never changes. A manifest in S3, which the device watches, has its desired state: agent,
 * configuration and models. The stack waits, at creation and at each update, until the device reports on exactly this
 * manifest. If the device cannot load a model, the deployment fails with the agent's own words. The rollback restores
 * the previous manifest, and the previous models serve all the while.
 *
 * A custom resource waits, and not a CloudFormation wait condition. The manifest holds values that are known only at
 * deployment, such as the URI of a package, and the name of a wait condition would have to contain their hash at synth.
 * Only a custom resource hears of a rollback.
 */
export class SimulatedDevice extends Construct implements iam.IGrantable {
  /** The EC2 instance. */
  public readonly instance: ec2.Instance;

  /** The role of the machine. The agent does not use it: it has the rights of the device's certificate. */
  public readonly role: iam.IRole;

  /** The principal to grant permissions to: the role of the machine. */
  public readonly grantPrincipal: iam.IPrincipal;

  /** The S3 URI to upload inputs for `predictCommand` to. It ends with a slash. */
  public readonly inputUri: string;

  private readonly models: IDeployableModel[] = [];
  private readonly volumeSize: number;
  private readonly device: IEdgeDevice;
  private readonly documents: DeviceDocuments;
  private readonly script: MachineScript;

  public constructor(scope: Construct, id: string, props: SimulatedDeviceProps) {
    super(scope, id);
    const { device } = props;
    const { certificate, secretArn, instanceType, readyTimeout } = checkMachine(this, props);
    if (props.vpcEndpoints === true && props.vpc === undefined) {
      throw new ValidationError(this, 'vpcEndpoints needs a vpc, got none: the network that is made by default has a way to the internet');
    }
    this.device = device;

    const provider = DeviceProvider.getOrCreate(this);
    // The literal name, where it is known: with a reference, a new name would not change the user data, and not replace the machine.
    const keys = deviceKeys(literalThingName(device.thing) ?? device.thing.thingName);
    const bucket = provider.bucketFor(props.manifestBucket);
    this.inputUri = bucket.s3UrlForObject(keys.inputs);
    const role = this.makeRole(props.role, bucket, keys);
    this.role = role.role;
    this.grantPrincipal = this.role;
    DeviceCertificateGrants.fromDeviceCertificate(certificate).readSecret(this.role);
    const bootstrap = new BootstrapAsset(this, 'Bootstrap');
    bootstrap.grantRead(this.role);
    const release = (props.agentRelease ?? AgentRelease.bundled())._bind(this, instanceType.architecture);
    release.grantRead(this.role);

    const settings: UserDataSettings = {
      region: Stack.of(this).region,
      bucketName: bucket.bucketName,
      manifestKey: keys.manifest,
      reportKey: keys.report,
      inputPrefix: keys.inputs,
    };
    this.script = new MachineScript(props.userData, (before) => userData(settings, before));
    this.instance = makeMachine(this, props, {
      role,
      vpcEndpoints: props.vpcEndpoints,
      instanceType,
      description: 'A device: nothing in, HTTPS out',
      egress: 'AWS, and the packages of Amazon Linux',
      script: this.script,
    });
    // The machine is deleted before the buckets are emptied: it would write to them again.
    this.instance.node.addDependency(bucket, ...device.captureBucket ? [device.captureBucket] : []);
    this.documents = DeviceDocuments.getOrCreate(this);
    const config = props.agentConfig ?? new AgentConfig();
    const manifest: Omit<DeviceManifest, 'models'> = {
      format: 'cdk-sagemaker-edge/device-1',
      instanceId: this.instance.instanceId,
      thingName: device.thing.thingName,
      bootstrap: { uri: bootstrap.s3Uri, sha256: bootstrap.sha256 },
      agent: {
        uri: release.s3Uri,
        ...release.sha256 === undefined ? {} : { sha256: release.sha256 },
        ...release.files === undefined ? {} : { files: release.files },
      },
      identity: { secretArn, certificateId: certificate.certificateId },
      config: config._render(this, device),
      signingRoots: config.signingRoots,
    };
    const resource = provider.manifestResource(this, {
      thing: device.thing, bucket, manifest: this.render(manifest), timeout: readyTimeout,
    });
    resource.node.addDependency(this.role, certificate, device); // what the device needs exists before it gets the manifest
    this.volumeSize = props.volumeSize ?? DEFAULT_VOLUME_GIB;
    for (const model of props.models ?? []) {
      this.addModel(model);
    }
  }

  /** Add a model for the device to serve. */
  public addModel(model: IDeployableModel): void {
    if (model.runtime === ModelRuntime.DLR) {
      throw new ValidationError(this, `model '${model.modelName}' must be for ONNX Runtime, which the agent of this library runs, `
        + 'got one for DLR (what SageMaker Neo compiles): use an OnnxModel');
    }
    const same = this.models.find(({ modelName }) => !Token.isUnresolved(modelName) && modelName === model.modelName);
    if (same) {
      throw new ValidationError(this, `models must have names of their own, got '${model.modelName}' twice`);
    }
    ModelGrants.fromModel(model).read(this.role);
    this.models.push(model);
    this.checkVolume();
  }

  /**
   * Add commands of a shell that run once, after the setup of the machine has started the device. They run as root. The stack does not
   * wait for them: see `/var/log/cloud-init-output.log` on the machine. A change replaces the machine.
   */
  public addUserData(...commands: string[]): void {
    this.script.addCommands(...commands);
  }

  /** Only the size of a package that was made at synth is known. */
  private checkVolume(): void {
    const sizes = this.models.flatMap((model) => model instanceof OnnxModel ? model._packageSize : []);
    const problem = Token.isUnresolved(this.volumeSize) ? undefined : volumeProblem(sizes, this.volumeSize);
    if (problem !== undefined) {
      throw new ValidationError(this, problem);
    }
  }

  /** The command line that loads a model again that was unloaded. */
  public loadModelCommand(modelName: string): string {
    validateText(this, 'modelName', modelName, ENTITY_NAME);
    return this.command('LoadModel', { ModelName: modelName });
  }

  /** The command line that runs a model on an object under `inputUri`. */
  public predictCommand(options: PredictionOptions): string {
    return this.command('Predict', predictionParameters(this, options));
  }

  /** The command line that runs a model on an object under `inputUri`, and captures its input and output. */
  public predictAndCaptureCommand(options: PredictionOptions): string {
    return this.command('PredictAndCapture', predictionParameters(this, options));
  }

  private command(document: DocumentName, parameters: Record<string, string>): string {
    const values = JSON.stringify(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])));
    const target = `--region ${Stack.of(this).region} --document-name ${this.documents.documentName(document)}`;
    return `aws ssm send-command ${target} --instance-ids ${this.instance.instanceId} --parameters '${values}'`;
  }

  /** Models can be added until synth, so the list of models is lazy. */
  private render(manifest: Omit<DeviceManifest, 'models'>): string {
    const produce = (): ModelArtifact[] => this.models.map(({ modelName, modelVersion, modelArtifactUri, modelArtifactDigest }) => ({
      name: modelName,
      version: modelVersion,
      uri: modelArtifactUri,
      ...modelArtifactDigest === undefined ? {} : { sha256: modelArtifactDigest },
    }));
    return Stack.of(this).toJsonString({ ...manifest, models: Lazy.any({ produce }) });
  }

  private makeRole(given: iam.IRole | undefined, bucket: s3.IBucket, keys: DeviceKeys): MachineRole {
    const objects = (...names: string[]): string[] => names.map((name) => bucket.arnForObjects(name));
    const role = makeMachineRole(this, given, 'Machine that plays a device', {
      Manifest: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: objects(keys.manifest, `${keys.inputs}*`) }),
          new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: objects(keys.report) }),
          ...keyRights(bucket, 'kms:Decrypt', 'kms:GenerateDataKey'),
        ],
      }),
    });
    acknowledgeWildcards(role.owner, 'the inputs of one device', ...objects(`${keys.inputs}*`));
    return role;
  }
}
