/** What a device shall be: written to S3 by lambda/device, read on the device by agent/bootstrap. */
export interface DeviceManifest {
  readonly format: DeviceManifestFormat;
  /** The one machine it is for: an instance that is about to be replaced leaves its successor's manifest alone. */
  readonly instanceId: string;
  readonly thingName: string;
  /** The bootstrap that shall apply this manifest; a running one of another digest makes way for it. */
  readonly bootstrap: { readonly uri: string; readonly sha256: string };
  readonly agent: AgentArtifact;
  readonly identity: DeviceIdentity;
  /** Keys and values of the agent's configuration, but for those that name files: the device knows its own paths. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** PEM texts of the certificates that model signatures must lead to; without any, signatures are not asked for. */
  readonly signingRoots: readonly string[];
  readonly models: readonly ModelArtifact[];
}

/** What is written of a machine that is told all by its user data: whose report is waited for. */
export interface CoreDeviceManifest extends Pick<DeviceManifest, 'instanceId' | 'thingName'> {
  readonly format: 'cdk-sagemaker-edge/core-device-1';
}

/** Changes when an older bootstrap could misread a newer manifest. */
export type DeviceManifestFormat = 'cdk-sagemaker-edge/device-1';

/** An agent release: an archive (zip or tar.gz) with `agent.js` at its root. */
export interface AgentArtifact {
  readonly uri: string;
  /** Of the archive. Absent for a folder that CDK zips while it publishes: then `files` holds the digests. */
  readonly sha256?: string;
  /** Path inside the archive to SHA-256: all its files and no other. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Where the device finds its certificate and private key. */
export interface DeviceIdentity {
  readonly secretArn: string;
  /** A new certificate in the same secret is a new identity. */
  readonly certificateId: string;
}

/** A model package: tar.gz with a manifest of its own. */
export interface ModelArtifact {
  readonly name: string;
  readonly version: string;
  readonly uri: string;
  /** Of the archive; absent where the service that made it gives none. */
  readonly sha256?: string;
}

/** What the device says of the manifest that it last saw, or a machine of its setup: the handler waits for it. */
export interface DeviceReport {
  /** SHA-256 of the manifest's bytes; absent in what a machine says of its setup, which it does once. */
  readonly manifestHash?: string;
  readonly instanceId: string;
  readonly status: DeviceStatus;
  /** One sentence a person can act on. */
  readonly message: string;
  /** Models that answer now, whichever manifest they came with. */
  readonly models: readonly { readonly name: string; readonly version: string }[];
}

/** `APPLYING` is the only one that is not final. */
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
  /** How long the device may take to load everything. */
  readonly TimeoutSeconds: string;
}
