import { StorageError, type RoleStorage } from '../service/contracts';
import { JobFailure } from './job';

/** An object, or a prefix, in S3. */
export interface S3Place {
  readonly bucket: string;
  readonly key: string;
}

/** The API takes https URLs as well; the stand-in does not, and the job says so. */
export function s3Place(uri: string): S3Place {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new JobFailure(`ClientError: the local stand-in reads and writes s3:// URIs only, got ${uri}`);
  }
  return { bucket, key };
}

/** A file under an output location, whose trailing slash is optional. */
export function s3Child(location: string, file: string): S3Place & { readonly uri: string } {
  const { bucket, key } = s3Place(location);
  const child = key === '' || key.endsWith('/') ? `${key}${file}` : `${key}/${file}`;
  return { bucket, key: child, uri: `s3://${bucket}/${child}` };
}

const INPUT = 'InputConfiguration';
const OUTPUT = 'OutputConfiguration';

/** S3 as one job's execution role; what S3 refuses becomes the job's failure, in the service's words where they are known. */
export class JobStorage {
  /**
   * `region`: where Neo wants each bucket to be. It asks with the role. Processing and training jobs do not: their roles need no
   * `s3:GetBucketLocation` (https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html).
   */
  public constructor(private readonly storage: RoleStorage, private readonly roleArn: string, private readonly region?: string) {}

  public async read(uri: string): Promise<Buffer> {
    const { bucket, key } = s3Place(uri);
    await this.sameRegion(bucket, INPUT);
    return this.told(() => this.storage.read(this.roleArn, bucket, key), INPUT, `s3:GetObject of ${uri}`, {
      NoSuchKey: `S3 object does not exist. Bucket: ${bucket}, Key: ${key}`,
    });
  }

  /** The URIs of all objects whose key begins with the one of `uri`. */
  public async list(uri: string): Promise<readonly string[]> {
    const { bucket, key } = s3Place(uri);
    await this.sameRegion(bucket, INPUT);
    const keys = await this.told(() => this.storage.list(this.roleArn, bucket, key), INPUT, `s3:ListBucket of ${uri}`, {
      NoSuchBucket: `S3 bucket does not exist. Bucket: ${bucket}`,
    });
    return keys.map((found) => `s3://${bucket}/${found}`);
  }

  public async write({ bucket, key, uri }: S3Place & { readonly uri: string }, body: Buffer, kmsKeyId: string | undefined): Promise<void> {
    await this.sameRegion(bucket, OUTPUT);
    await this.told(
      () => this.storage.write(this.roleArn, bucket, key, body, kmsKeyId === undefined ? {} : { kmsKeyId }),
      OUTPUT,
      `s3:PutObject of ${uri}`,
      { NoSuchBucket: `S3 bucket does not exist. Bucket: ${bucket}` },
    );
  }

  private async sameRegion(bucket: string, part: string): Promise<void> {
    if (this.region === undefined) {
      return;
    }
    const region = await this.told(() => this.storage.bucketRegion(this.roleArn, bucket), part, `s3:GetBucketLocation of ${bucket}`, {
      NoSuchBucket: `S3 bucket does not exist. Bucket: ${bucket}`,
    });
    if (region !== this.region) {
      throw new JobFailure(`ClientError: ${part}: Bucket ${bucket} is in region ${region} different from AWS Sagemaker service region ${this.region}`);
    }
  }

  /** `known`: the service's own words for some of S3's codes. */
  private async told<T>(call: () => Promise<T>, part: string, what: string, known: Readonly<Record<string, string>>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StorageError)) {
        throw error;
      }
      const reason = known[error.code] ?? `${what} with role ${this.roleArn} failed: ${error.code}: ${error.message}`;
      throw new JobFailure(`ClientError: ${part}: ${reason}`, { cause: error });
    }
  }
}
