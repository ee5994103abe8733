import {
  aws_iam as iam, aws_kms as kms, Names, RemovalPolicy, Token, type aws_s3 as s3,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { objectReadGrant } from '../private/object-read-grant';
import { validateText, ValidationError } from '../private/validation';
import { ModelRuntime, type IDeployableModel } from './deployable-model';
import { ModelGrants } from './model-grants';
import type { ModelInput } from './model-input';
import { validateIdentity } from './private/model-identity';
import type { ModelPackageAttributes, ModelPackageProperties, ModelPackageType } from './private/package-contract';
import { ModelProvider } from './private/provider';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** Properties of a `BucketOnnxModel`. */
export interface BucketOnnxModelProps {
  /** The bucket of the trained model. */
  readonly bucket: s3.IBucket;

  /**
   * The key of the trained model. It ends with `.onnx`, or with `.tar.gz` or `.tgz` for an archive with exactly one `.onnx` file at
   * its root. The other files of an archive are packed too. Files whose name begins with a dot are left out.
   */
  readonly key: string;

  /**
   * The version ID of the object. A new version ID is a new model: it is packaged and delivered.
   *
   * CloudFormation does not look into the bucket. Without a version ID it does not see a changed object: the next deployment
   * delivers nothing new.
   * @default - the version that is current when the model is first deployed, or when another property changes
   */
  readonly objectVersion?: string;

  /**
   * The KMS key that encrypts the object. Give it if the bucket construct does not know its key, for example an imported bucket.
   * @default - the encryption key of the bucket, if CDK knows one
   */
  readonly encryptionKey?: kms.IKeyRef;

  /** The name under which the device loads the model: 1 to 63 letters, digits and hyphens. */
  readonly modelName: string;

  /** The version of the model: 1 to 30 letters, digits, blanks, dots and underscores. */
  readonly modelVersion: string;

  /**
   * The inputs that your application sends. They are compared with the inputs of the model at deployment.
   * @default - the inputs are not checked; only that the file is an ONNX model
   */
  readonly inputs?: ModelInput[];

  /**
   * The bucket for the package, in the region of the stack.
   * @default - one bucket for all such models of the stack; it is deleted with the stack
   */
  readonly packageBucket?: s3.IBucket;

  /**
   * The folder of the package in its bucket, without a slash at either end. Give one where two apps with the same construct paths use
   * one bucket.
   * @default 'models'
   */
  readonly packagePrefix?: string;

  /**
   * What happens to the package when the model is removed, or replaced by a new one. `RETAIN` needs a `packageBucket`.
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Defines an ONNX model that lies in S3, for example what a training job wrote, so that it can be delivered to devices.
 *
 * At deployment a Lambda function reads the object, checks it, and writes a package with a manifest, as `OnnxModel` does at synthesis.
 * The files of the model may have 10,000 MiB together, and be 10,000, as those of an `OnnxModel`: the function has a disk of 10,240 MiB,
 * and a device unpacks no more. The function has 14 minutes to package them.
 * A model that is larger, or is none, fails the deployment with the reason. The package that was there before is served on.
 *
 * The digest of the package is known only at deployment. A `ModelComponent` of Greengrass needs it at synthesis, and refuses this model.
 */
export class BucketOnnxModel extends Construct implements IDeployableModel {
  public readonly modelName: string;
  public readonly modelVersion: string;

  /** The S3 URI of the package, `s3://bucket/key`. It is a token that is resolved at deployment. */
  public readonly modelArtifactUri: string;

  public readonly modelArtifactBucket: s3.IBucket;

  /** The SHA-256 digest of the package: 64 lower-case hexadecimal digits. It is always defined, and a token. */
  public readonly modelArtifactDigest?: string;

  /**
   * The size of the package in bytes, as a text. It is a token.
   * @attribute
   */
  public readonly modelArtifactSize: string;

  public readonly runtime = ModelRuntime.ONNX;

  /** Grants access to the package. */
  public readonly grants: ModelGrants;

  public constructor(scope: Construct, id: string, props: BucketOnnxModelProps) {
    super(scope, id);
    this.validate(props);
    const { bucket, key, objectVersion, removalPolicy, packagePrefix = 'models' } = props;
    const provider = ModelProvider.getOrCreate(this);
    this.modelName = props.modelName;
    this.modelVersion = props.modelVersion;
    this.modelArtifactBucket = props.packageBucket ?? provider.bucket;
    const folder = `${packagePrefix}/${Names.uniqueResourceName(this, { maxLength: 100, separator: '-' })}`;
    const reading = objectReadGrant(provider.grantee, bucket, bucket.arnForObjects(key), {
      byVersion: objectVersion !== undefined,
      ...props.encryptionKey ? { encryptionKey: props.encryptionKey } : {},
    });
    const writing = this.grantWrite(provider, folder);
    const resource = provider.customResource(this, 'Resource', {
      resourceType: 'Custom::SageMakerEdge-ModelPackage' satisfies ModelPackageType,
      serviceTimeout: provider.serviceTimeout,
      properties: {
        SourceBucket: bucket.bucketName,
        SourceKey: key,
        ...objectVersion === undefined ? {} : { SourceVersion: objectVersion },
        Bucket: this.modelArtifactBucket.bucketName,
        Prefix: folder,
        ModelName: props.modelName,
        ModelVersion: props.modelVersion,
        ...props.inputs ? { Inputs: JSON.stringify(props.inputs.map(({ inputName, shape }) => ({ inputName, shape }))) } : {},
        Retain: String(isRetained(removalPolicy)),
      } satisfies ModelPackageProperties,
    });
    reading.applyBefore(resource);
    const { encryptionKey } = this.modelArtifactBucket;
    if (encryptionKey) {
      kms.KeyGrants.fromKey(encryptionKey).encryptDecrypt(provider.grantee).applyBefore(resource);
      provider.explainKeyActions();
    }
    resource.node.addDependency(provider, writing); // its Delete comes while the handler's rights are still there
    const attribute = (name: keyof ModelPackageAttributes): string => resource.getAttString(name);
    this.modelArtifactUri = attribute('Uri');
    this.modelArtifactDigest = attribute('Digest');
    this.modelArtifactSize = attribute('Size');
    this.grants = ModelGrants.fromModel(this);
  }

  /** A policy of its own, which lives as long as the resource: its Delete needs it. */
  private grantWrite(provider: ModelProvider, folder: string): iam.Policy {
    const { modelArtifactBucket: bucket } = this;
    const packages = bucket.arnForObjects(`${folder}/*`);
    const rights = provider.grant(this, 'Rights',
      new iam.PolicyStatement({ actions: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], resources: [packages] }),
      new iam.PolicyStatement({ // a rollback finds the package that was served
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${folder}/*` } },
      }),
    );
    acknowledgeWildcards(rights, 'the packages of one model, each named by its digest', packages);
    return rights;
  }

  private validate(props: BucketOnnxModelProps): void {
    validateIdentity(this, props.modelName, props.modelVersion);
    validateText(this, 'key', props.key, {
      min: 1, max: 1024, pattern: /^[^/].*(\.onnx|\.tar\.gz|\.tgz)$|^[^/]\.(onnx|tgz)$/,
      wanted: "a key that ends with '.onnx', '.tar.gz' or '.tgz', and does not begin with '/'",
    });
    validateText(this, 'objectVersion', props.objectVersion, { min: 1, max: 1024 });
    validateText(this, 'packagePrefix', props.packagePrefix, {
      min: 1, max: 500, pattern: /^[a-zA-Z0-9!_.()-]+(\/[a-zA-Z0-9!_.()-]+)*$/,
      wanted: "letters, digits and ! _ . ( ) -, with '/' between folders and at neither end",
    });
    const given = props.inputs?.map(({ inputName, shape }) => inputName !== undefined && shape !== undefined);
    if (given?.includes(false) === true) {
      throw new ValidationError(this, 'each of inputs must have a name and a shape (ModelInput.tensor), got one without');
    }
    if (isRetained(props.removalPolicy) && !props.packageBucket) {
      throw new ValidationError(this, 'removalPolicy RETAIN needs a packageBucket, since the bucket of the library goes with the stack');
    }
    if (Token.isUnresolved(props.removalPolicy)) {
      throw new ValidationError(this, 'removalPolicy must be known at synth, got a token');
    }
  }
}

function isRetained(policy: RemovalPolicy | undefined): boolean {
  return policy === RemovalPolicy.RETAIN || policy === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}
