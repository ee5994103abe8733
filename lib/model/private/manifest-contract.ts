/** Name of the manifest inside a model package, as AWS's agent knew it. */
export type ManifestFileName = 'sagemaker_edge_manifest';

/** Name of the optional detached signature over the manifest's bytes. */
export type SignatureFileName = 'sagemaker_edge_manifest.sig';

/**
 * The manifest of a model package, written by `OnnxModel` and by the local packaging job, read by the agent.
 * AWS's own manifests hold `metadata` alone (reference: packages made by the service, all DLR).
 */
export interface ModelManifest {
  readonly metadata: {
    readonly model_name: string;
    readonly model_version: string;
    /** Absent in AWS's packages: those are DLR. */
    readonly runtime?: 'ONNX' | 'DLR';
  };
  /** Path of the model inside the package. */
  readonly model_file?: string;
  /** Each file of the package but the manifest and its signature. */
  readonly files?: readonly ManifestFile[];
  /** Shapes that the model may leave open: the agent reports them, and uses them where a request leaves a dimension open. */
  readonly inputs?: readonly ManifestInput[];
}

/** An input of the model. */
export interface ManifestInput {
  readonly name: string;
  /** -1 stands for a dimension that stays open. */
  readonly shape: readonly number[];
}

/** A file of a package. */
export interface ManifestFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}
