/** The desired state of a device. lambda/device writes it to S3, and agent/bootstrap reads it on the device. */
export interface DeviceManifest {
  readonly format: DeviceManifestFormat;
  /** The one machine that it is for. An instance that is about to be replaced ignores the manifest of its successor. */
  readonly instanceId: string;
  readonly thingName: string;
  /** The bootstrap that applies this manifest. A running bootstrap with another digest ends, so that this one starts. */
  readonly bootstrap: { readonly uri: string; readonly sha256: string };
  readonly agent: AgentArtifact;
  readonly identity: DeviceIdentity;
  /** The configuration of the agent, without the keys that name files: the device knows its own paths. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** The trusted root certificates of model signatures, in PEM. Without any, signatures are not required. */
  readonly signingRoots: readonly string[];
  readonly models: readonly ModelArtifact[];
}

/** The manifest of a core device, which gets all its settings by user data. It says whose report to wait for. */
export interface CoreDeviceManifest extends Pick<DeviceManifest, 'instanceId' | 'thingName'> {
  readonly format: 'cdk-sagemaker-edge/core-device-1';
}

/** The format of the manifest. It changes when an older bootstrap could misread a newer manifest. */
export type DeviceManifestFormat = 'cdk-sagemaker-edge/device-1';

/** An agent release: an archive (zip or tar.gz) with `agent.js` at its root. */
export interface AgentArtifact {
  readonly uri: string;
  /** The digest of the archive. It is absent for a folder, which CDK zips when it publishes assets: `files` has the digests then. */
  readonly sha256?: string;
  /** The SHA-256 of each file, by its path in the archive. The archive must have no other files. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The secret with the certificate and the private key of the device. */
export interface DeviceIdentity {
  readonly secretArn: string;
  /** A new certificate in the same secret is a new identity. */
  readonly certificateId: string;
}

/** A model package: a tar.gz with a manifest of its own. */
export interface ModelArtifact {
  readonly name: string;
  readonly version: string;
  readonly uri: string;
  /** The digest of the archive. It is absent where the service that made the archive gives none. */
  readonly sha256?: string;
}

/** The report of a device on the manifest that it last saw, or of a machine on its setup. The handler waits for it. */
export interface DeviceReport {
  /** The SHA-256 of the manifest's bytes. It is absent in the report on a setup. */
  readonly manifestHash?: string;
  readonly instanceId: string;
  readonly status: DeviceStatus;
  /** One sentence that a person can act on. */
  readonly message: string;
  /** The models that the agent serves now, whichever manifest they came with. */
  readonly models: readonly { readonly name: string; readonly version: string }[];
}

/** The status of a device. `APPLYING` is the only one that is not final. */
export type DeviceStatus = 'APPLYING' | 'READY' | 'FAILED';

/** Custom resource type that lambda/device serves; CloudFormation allows 60 characters. */
export type DeviceManifestType = 'Custom::SageMakerEdge-DeviceManifest';

/** Properties of a `DeviceManifestType`. Scalars arrive as strings. */
export interface DeviceManifestProperties {
  readonly BucketName: string;
  readonly ManifestKey: string;
  readonly ReportKey: string;
  /** A `DeviceManifest` or a `CoreDeviceManifest` as JSON. */
  readonly Manifest: string;
  /** How long the device may take until it is ready. */
  readonly TimeoutSeconds: string;
}
