import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_s3_assets as assets, type aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateText, ValidationError } from '../private/validation';
import { grantListOfPrefix, grantReadOfObject, grantReadOfPrefix } from './private/load-test/grants';
import { MAX_PAYLOAD_BYTES } from './private/load-test/contract';

/** What a scenario gives to the containers and to the controller. */
export interface LoadTestScenarioConfig {
  /** The environment of the containers. */
  readonly environment: Record<string, string>;

  /**
   * Where the payloads are, for the controller to count them at the start of a run.
   * @default - they are known at synth, or there are none
   */
  readonly payloads?: string;

  /**
   * The number of payloads, known at synth.
   * @default - the controller counts them
   */
  readonly count?: number;

  /**
   * The average size of a payload in bytes, known at synth.
   * @default - the controller measures it
   */
  readonly bytes?: number;
}

/** Options of the scenarios that call InvokeEndpoint. */
export interface LoadTestPayloadOptions {
  /**
   * The content type of all payloads.
   * @default 'application/json'
   */
  readonly contentType?: string;
}

/** What each user of a load test sends. */
export abstract class LoadTestScenario {
  /**
   * Each user sends the one file, again and again.
   *
   * @param file a file of at most 6 MB, which is InvokeEndpoint's limit; relative to the working directory
   */
  public static payload(file: string, options: LoadTestPayloadOptions = {}): LoadTestScenario {
    return new AssetPayloads(file, false, options);
  }

  /**
   * Each user sends the files of a folder, and of the folders in it, each drawn at random.
   *
   * @param folder a folder with at least one file, each of at most 6 MB; relative to the working directory
   */
  public static payloads(folder: string, options: LoadTestPayloadOptions = {}): LoadTestScenario {
    return new AssetPayloads(folder, true, options);
  }

  /**
   * Each user sends the objects under a prefix of a bucket, each drawn at random. They are counted and measured when a run starts.
   *
   * @param bucket the bucket, in the region of the stack
   * @param prefix the prefix; it ends with a slash, or is the key of one object
   */
  public static payloadsFromBucket(bucket: s3.IBucket, prefix: string, options: LoadTestPayloadOptions = {}): LoadTestScenario {
    return new BucketPayloads(bucket, prefix, options);
  }

  /**
   * Each user does what a Locust file of yours says. It has the endpoint's name in the environment variable `SAGEMAKER_ENDPOINT_NAME`, may
   * import Locust, boto3 and what they need, and tells of each request by Locust's request event. A `LoadTestShape` in it is not used.
   *
   * A file that does not import ends the run, with Python's words as the reason.
   *
   * @param file a Locust file; relative to the working directory
   */
  public static locustFile(file: string): LoadTestScenario {
    return new LocustFile(file);
  }

  /** The content type of the payloads. */
  public abstract readonly contentType: string;

  /**
   * Called by the load test.
   *
   * @param scope the load test
   * @param readers who reads the payloads or the Locust file: the task roles of the workers and of the master, and the controller's role
   */
  public abstract bind(scope: Construct, readers: LoadTestReaders): LoadTestScenarioConfig;
}

/** Who reads what a scenario consists of. */
export interface LoadTestReaders {
  /** The task role of the workers. They read the payloads. */
  readonly workers: iam.IRole;
  /** The task role of the master. It imports the Locust file, too. */
  readonly master: iam.IRole;
  /** The role of the controller. It lists payloads in a bucket. */
  readonly controller: iam.IRole;
}

class AssetPayloads extends LoadTestScenario {
  public readonly contentType: string;

  public constructor(private readonly place: string, private readonly isFolder: boolean, options: LoadTestPayloadOptions) {
    super();
    this.contentType = options.contentType ?? 'application/json';
  }

  public bind(scope: Construct, { workers }: LoadTestReaders): LoadTestScenarioConfig {
    const sizes = this.sizes(scope);
    const asset = new assets.Asset(scope, 'Payloads', { path: this.place });
    grantReadOfObject(workers, asset.bucket, asset.s3ObjectKey);
    return {
      environment: { PAYLOADS: asset.s3ObjectUrl, ...(this.isFolder ? { PAYLOADS_ARCHIVED: 'true' } : {}) },
      count: sizes.length,
      bytes: Math.round(sizes.reduce((total, size) => total + size, 0) / sizes.length),
    };
  }

  /** Of all payloads. Throws for one that SageMaker would refuse. */
  private sizes(scope: Construct): number[] {
    const isFolder = fs.statSync(this.place, { throwIfNoEntry: false })?.isDirectory();
    if (isFolder !== this.isFolder) {
      const got = isFolder === undefined ? `nothing at ${this.place}` : this.place;
      throw new ValidationError(scope, `the payloads of a load test must be ${this.isFolder ? 'a folder' : 'a file'}, got ${got}`);
    }
    const files = this.isFolder
      ? fs.readdirSync(this.place, { recursive: true, encoding: 'utf8' }).map((name) => path.join(this.place, name))
      : [this.place];
    const sizes = files.map((file) => ({ file, status: fs.statSync(file) })).filter((each) => each.status.isFile());
    const large = sizes.find((each) => each.status.size > MAX_PAYLOAD_BYTES);
    if (large !== undefined) {
      throw new ValidationError(
        scope, `a payload must have at most ${MAX_PAYLOAD_BYTES} bytes (6 MB, InvokeEndpoint's limit), got ${large.status.size}: ${large.file}`,
      );
    }
    if (sizes.length === 0) {
      throw new ValidationError(scope, `the payloads of a load test must be at least one file, got an empty folder: ${this.place}`);
    }
    return sizes.map((each) => each.status.size);
  }
}

class BucketPayloads extends LoadTestScenario {
  public readonly contentType: string;

  public constructor(private readonly bucket: s3.IBucket, private readonly prefix: string, options: LoadTestPayloadOptions) {
    super();
    this.contentType = options.contentType ?? 'application/json';
  }

  public bind(scope: Construct, { workers, controller }: LoadTestReaders): LoadTestScenarioConfig {
    validateText(scope, 'the prefix of the payloads', this.prefix, {
      min: 1, max: 1024, pattern: /^[^*?$]+$/, wanted: 'a key or a prefix without * ? $, which IAM would read as wildcards or variables',
    });
    grantReadOfPrefix(workers, this.bucket, this.prefix);
    grantListOfPrefix(controller, this.bucket, this.prefix);
    const payloads = this.bucket.s3UrlForObject(this.prefix);
    return { environment: { PAYLOADS: payloads }, payloads };
  }
}

class LocustFile extends LoadTestScenario {
  public readonly contentType = 'application/json';

  public constructor(private readonly file: string) {
    super();
  }

  public bind(scope: Construct, { workers, master }: LoadTestReaders): LoadTestScenarioConfig {
    if (fs.statSync(this.file, { throwIfNoEntry: false })?.isFile() !== true || !this.file.endsWith('.py')) {
      throw new ValidationError(scope, `a Locust file must be a file whose name ends with .py, got ${this.file}`);
    }
    const asset = new assets.Asset(scope, 'LocustFile', { path: this.file });
    for (const role of [workers, master]) {
      grantReadOfObject(role, asset.bucket, asset.s3ObjectKey);
    }
    return { environment: { LOCUST_FILE: asset.s3ObjectUrl }, count: 0, bytes: 0 };
  }
}
