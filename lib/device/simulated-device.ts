import { aws_iam as iam, Lazy, Stack, Token, type aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AgentConfig } from '../agent/agent-config';
import { AgentRelease } from '../agent/agent-release';
import { DeviceCertificateGrants } from '../identity/device-certificate-grants';
import type { IEdgeDevice } from '../identity/edge-device';
import { ModelRuntime, type IDeployableModel } from '../model/deployable-model';
import { ModelGrants } from '../model/model-grants';
import { BootstrapAsset } from '../agent/private/release-asset';
import { DeviceDocuments, type DocumentName } from './private/documents';
import type { DeviceManifest, ModelArtifact } from './private/manifest-contract';
import { deviceKeys, DeviceProvider, type DeviceKeys } from './private/provider';
import { checkMachine, makeMachine, makeMachineRole } from './private/machine';
import { userData } from './private/user-data';
import { literalThingName } from '../private/thing-name';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../private/validation';
import type { SimulatedMachineProps } from './simulated-machine';

/** Properties of a `SimulatedDevice`. */
export interface SimulatedDeviceProps extends SimulatedMachineProps {
  /**
   * The models that it serves, each under its name.
   *
   * @default - none; the agent runs, and models are added by `addModel`
   */
  readonly models?: IDeployableModel[];

  /**
   * The configuration of the agent.
   *
   * @default - the defaults of `AgentConfig`
   */
  readonly agentConfig?: AgentConfig;

  /**
   * The agent.
   *
   * @default - the one that comes with this library
   */
  readonly agentRelease?: AgentRelease;
}

/** What a prediction on the device needs. */
export interface PredictionOptions {
  /** The model, one of the device's. */
  readonly modelName: string;

  /** The object to predict on: what comes after `inputUri` in its place. */
  readonly input: string;

  /**
   * The model's input: 1 to 128 letters, digits and `_ . : / -`.
   *
   * @default - the model's first one
   */
  readonly tensor?: string;

  /**
   * The input's dimensions.
   *
   * @default - the model's own, which must be fixed, or those of a text recogniser with `textKeys`
   */
  readonly shape?: number[];

  /**
   * For a text recogniser of PaddleOCR's kind: the object below `inputUri` with its characters, one a line. The text
   * that it reads is printed.
   *
   * @default - the outputs are printed as numbers
   */
  readonly textKeys?: string;
}

/**
 * Defines an EC2 instance that plays a device: Amazon Linux 2023 with the edge agent, reached through Systems Manager
 * alone.
 *
 * The machine's user data never changes. What the device shall be, from the agent to the models, is a manifest in S3 that it
 * watches. The stack waits, at creation and at each update, until the device reports on exactly the manifest that was
 * written: a custom resource does that instead of a CloudFormation wait condition, because the manifest holds values
 * that are known only at deployment (the place of a package), a wait condition would have to be named by a hash of them
 * at synth, and only a custom resource hears of a rollback. A device that cannot load a model fails the deployment with
 * its own words; the rollback brings the old manifest back, and the old models serve all the while.
 */
export class SimulatedDevice extends Construct implements iam.IGrantable {
  /** The machine. */
  public readonly instance: ec2.Instance;

  /** The role of the machine. The agent does not use it: it has the rights of its certificate. */
  public readonly role: iam.Role;

  /** To whom the machine's rights are granted. */
  public readonly grantPrincipal: iam.IPrincipal;

  /** Inputs for `predictCommand` are put here: an `s3://` URI with a slash at its end. */
  public readonly inputUri: string;

  private readonly models: IDeployableModel[] = [];
  private readonly device: IEdgeDevice;
  private readonly documents: DeviceDocuments;

  public constructor(scope: Construct, id: string, props: SimulatedDeviceProps) {
    super(scope, id);
    const { device } = props;
    const { certificate, secretArn, instanceType, readyTimeout } = checkMachine(this, props);
    this.device = device;

    const provider = DeviceProvider.getOrCreate(this);
    // As text where it is known: by a reference alone, another name would not be another user data, and so no other machine.
    const keys = deviceKeys(literalThingName(device.thing) ?? device.thing.thingName);
    this.inputUri = provider.bucket.s3UrlForObject(keys.inputs);
    this.role = this.makeRole(provider, keys);
    this.grantPrincipal = this.role;
    DeviceCertificateGrants.fromDeviceCertificate(certificate).readSecret(this.role);
    const bootstrap = new BootstrapAsset(this, 'Bootstrap');
    bootstrap.grantRead(this.role);
    const release = (props.agentRelease ?? AgentRelease.bundled())._bind(this, instanceType.architecture);
    release.grantRead(this.role);

    this.instance = makeMachine(this, props, {
      role: this.role, instanceType, description: 'A device: nothing in, HTTPS out', egress: 'AWS, and the packages of Amazon Linux',
      script: userData({
        region: Stack.of(this).region, bucketName: provider.bucket.bucketName, manifestKey: keys.manifest, reportKey: keys.report, inputPrefix: keys.inputs,
      }),
    });
    // Deleted before the buckets are emptied: a device that still writes would fill them again.
    this.instance.node.addDependency(provider.bucket, ...device.captureBucket ? [device.captureBucket] : []);
    this.documents = DeviceDocuments.getOrCreate(this);
    const config = props.agentConfig ?? new AgentConfig();
    const manifest: Omit<DeviceManifest, 'models'> = {
      format: 'cdk-sagemaker-edge/device-1', instanceId: this.instance.instanceId, thingName: device.thing.thingName,
      bootstrap: { uri: bootstrap.s3Uri, sha256: bootstrap.sha256 },
      agent: { uri: release.s3Uri, ...release.sha256 === undefined ? {} : { sha256: release.sha256 }, ...release.files === undefined ? {} : { files: release.files } },
      identity: { secretArn, certificateId: certificate.certificateId },
      config: config._render(this, device), signingRoots: config.signingRoots,
    };
    const resource = provider.manifestResource(this, device.thing.thingName, this.render(manifest), readyTimeout);
    resource.node.addDependency(this.role, certificate, device); // the device can do what it is told by the time it is told
    for (const model of props.models ?? []) { this.addModel(model); }
  }

  /** Lets the device serve one more model. */
  public addModel(model: IDeployableModel): void {
    if (model.runtime === ModelRuntime.DLR) {
      throw new ValidationError(this, `model '${model.modelName}' must be for ONNX Runtime, which the agent of this library runs, got one for DLR (what SageMaker Neo compiles): use an OnnxModel`);
    }
    const same = this.models.find(({ modelName }) => !Token.isUnresolved(modelName) && modelName === model.modelName);
    if (same) { throw new ValidationError(this, `models must have names of their own, got '${model.modelName}' twice`); }
    ModelGrants.fromModel(model).read(this.role);
    this.models.push(model);
  }

  /** A command line that loads a model which was unloaded. */
  public loadModelCommand(modelName: string): string {
    validateText(this, 'modelName', modelName, ENTITY_NAME);
    return this.command('LoadModel', { ModelName: modelName });
  }

  /** A command line that runs a model on an object below `inputUri`. */
  public predictCommand(options: PredictionOptions): string {
    return this.command('Predict', this.parameters(options));
  }

  /** As `predictCommand`, and the agent captures input and output. */
  public predictAndCaptureCommand(options: PredictionOptions): string {
    return this.command('PredictAndCapture', this.parameters(options));
  }

  private parameters({ modelName, input, tensor, shape, textKeys }: PredictionOptions): Record<string, string> {
    const object = { pattern: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, wanted: '1 to 128 letters, digits and _ . -' };
    validateText(this, 'modelName', modelName, ENTITY_NAME);
    validateText(this, 'input', input, object);
    validateText(this, 'textKeys', textKeys, object);
    validateText(this, 'tensor', tensor, { pattern: /^[a-zA-Z0-9_][a-zA-Z0-9_.:/-]{0,127}$/, wanted: '1 to 128 letters, digits and _ . : / -, the first a letter, digit or _' });
    for (const dimension of shape ?? []) { validateInteger(this, 'dimension of shape', dimension, 1, 999_999_999); }
    return {
      ModelName: modelName, Input: input, ...tensor === undefined ? {} : { Tensor: tensor },
      ...shape === undefined ? {} : { Shape: shape.join(',') }, ...textKeys === undefined ? {} : { TextKeys: textKeys },
    };
  }

  private command(document: DocumentName, parameters: Record<string, string>): string {
    const values = JSON.stringify(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])));
    return `aws ssm send-command --region ${Stack.of(this).region} --document-name ${this.documents.documentName(document)} --instance-ids ${this.instance.instanceId} --parameters '${values}'`;
  }

  /** Rendered late: models can be added until then. */
  private render(manifest: Omit<DeviceManifest, 'models'>): string {
    const produce = (): ModelArtifact[] => this.models.map(({ modelName, modelVersion, modelArtifactUri, modelArtifactDigest }) => ({
      name: modelName, version: modelVersion, uri: modelArtifactUri, ...modelArtifactDigest === undefined ? {} : { sha256: modelArtifactDigest },
    }));
    return Stack.of(this).toJsonString({ ...manifest, models: Lazy.any({ produce }) });
  }

  private makeRole(provider: DeviceProvider, keys: DeviceKeys): iam.Role {
    const objects = (...names: string[]): string[] => names.map((name) => provider.bucket.arnForObjects(name));
    return makeMachineRole(this, 'Machine that plays a device', {
      Manifest: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: objects(keys.manifest, `${keys.inputs}*`) }),
          new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: objects(keys.report) }),
        ],
      }),
    });
  }
}
