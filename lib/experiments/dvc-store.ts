import { aws_iam as iam, Stack, type aws_kms as kms, type aws_s3 as s3, type RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledgeGranted } from '../private/nag/acknowledge';
import { validateText, ValidationError } from '../private/validation';
import type { GitRepository } from './git-repository';
import type { BoundRepository } from './private/bound-repository';
import { givenOrMadeBucket } from './private/made-bucket';
import { grantKeyUse } from '../private/key-use';

/** Properties of a `DvcStore`. */
export interface DvcStoreProps {
  /** The git repository that says which data belong to which commit. */
  readonly repository: GitRepository;

  /**
   * The bucket of the data.
   * @default - a private bucket is made, encrypted with `encryptionKey` or by S3
   */
  readonly bucket?: s3.IBucket;

  /**
   * The prefix of all data in the bucket: 1 to 512 characters, without a slash at either end. Rights end at it.
   * @default 'dvc'
   */
  readonly prefix?: string;

  /**
   * The KMS key of the bucket that is made. It can not be given with `bucket`, which has a key of its own.
   * @default - S3 encrypts with its own keys (SSE-S3)
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens to the bucket that is made when it is removed from the stack. `DESTROY` also deletes the data.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The name of DVC's remote in `.dvc/config`.
   * @default 'storage'
   */
  readonly remoteName?: string;
}

/**
 * Data that DVC versions beside git: a bucket for the files, and a git repository for what says which of them belong to a commit.
 *
 * DVC names each object by the MD5 of its content, and never changes one. A pull needs read access, a push needs write access; nobody is
 * granted to delete. Run `dvc gc --cloud` with a role of your own.
 */
export class DvcStore extends Construct {
  /** The bucket of the data. */
  public readonly bucket: s3.IBucket;

  /** The prefix of all data in the bucket. */
  public readonly prefix: string;

  /** The name of DVC's remote. */
  public readonly remoteName: string;

  /** The URL of DVC's remote: `s3://<bucket>/<prefix>`. */
  public readonly remoteUrl: string;

  /** The URL of the git repository, as `git clone` takes it. */
  public readonly repositoryUrl: string;

  private readonly repository: BoundRepository;

  public constructor(scope: Construct, id: string, props: DvcStoreProps) {
    super(scope, id);
    this.prefix = props.prefix ?? 'dvc';
    validateText(this, 'prefix', this.prefix, {
      min: 1, max: 512, pattern: /^[\w!.'()-]+(\/[\w!.'()-]+)*$/,
      wanted: "path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end",
    });
    this.remoteName = props.remoteName ?? 'storage';
    validateText(this, 'remoteName', this.remoteName, { min: 1, max: 64, pattern: /^[a-zA-Z0-9][\w-]*$/, wanted: 'letters, digits, _ and -' });
    this.bucket = givenOrMadeBucket(this, 'Data', { bucket: props.bucket }, props);
    this.remoteUrl = this.bucket.s3UrlForObject(this.prefix);
    this.repository = props.repository._bind(this);
    this.repositoryUrl = props.repository._url(this);
  }

  /** Grants to clone the repository and to read the data, and no more than that. */
  public grantPull(grantee: iam.IGrantable): iam.Grant {
    const data = this.grantRead(grantee);
    const clone = this.repository.grantPull(grantee);
    return clone === undefined ? data : data.combine(clone);
  }

  /**
   * Grants to push to the repository and to add data, beside all that `grantPull` grants. It fails where nobody can push.
   */
  public grantPush(grantee: iam.IGrantable): iam.Grant {
    const { grantPush } = this.repository;
    if (grantPush === undefined) {
      throw new ValidationError(this, 'the repository must have credentials to be pushed to, got a URL without them: give credentials to GitRepository.fromUrl');
    }
    const objects = this.bucket.arnForObjects(`${this.prefix}/*`);
    const write = iam.Grant.addToPrincipalOrResource({
      grantee, actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resourceArns: [objects], resource: this.bucket,
    });
    grantKeyUse(grantee, this.bucket, 'write');
    return this.grantRead(grantee).combine(write).combine(grantPush(grantee));
  }

  /** Returns the shell commands that make a clone of the repository, and tell DVC where the data are. They need git, DVC and `dvc-s3`. */
  public setupCommands(): string[] {
    const { region } = Stack.of(this);
    return [
      ...this.repository.codeCommit === undefined ? [] : ['pip install git-remote-codecommit'],
      `git clone ${this.repositoryUrl} data && cd data`,
      '[ -d .dvc ] || dvc init',
      `dvc remote add --force --default ${this.remoteName} ${this.remoteUrl}`,
      `dvc remote modify ${this.remoteName} region ${region}`,
    ];
  }

  /** What a pipeline of this room needs of the repository.
   * @internal */
  public get _repository(): BoundRepository {
    return this.repository;
  }

  /** DVC asks S3 which objects it has by listing the prefix. */
  private grantRead(grantee: iam.IGrantable): iam.Grant {
    const { bucket, prefix } = this;
    const objects = bucket.arnForObjects(`${prefix}/*`);
    acknowledgeGranted(grantee, 'DVC names each object by the MD5 of its content, under one prefix', objects);
    const read = iam.Grant.addToPrincipalOrResource({ grantee, actions: ['s3:GetObject'], resourceArns: [objects], resource: bucket });
    const list = iam.Grant.addToPrincipal({
      grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': [prefix, `${prefix}/*`] } },
    });
    grantKeyUse(grantee, bucket, 'read');
    return read.combine(list);
  }
}
