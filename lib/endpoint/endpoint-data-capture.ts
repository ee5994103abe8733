import type { aws_kms as kms, aws_s3 as s3, RemovalPolicy } from 'aws-cdk-lib';

/** What of a request is captured. */
export enum EndpointCaptureMode {
  /** The request's body. */
  INPUT = 'Input',
  /** The answer's body. */
  OUTPUT = 'Output',
}

/**
 * Which requests and answers an endpoint writes to a bucket, as lines of JSON.
 *
 * They are under `<prefix>/<endpoint>/<variant>/<year>/<month>/<day>/<hour>/`.
 */
export interface EndpointDataCapture {
  /**
   * The bucket, in the region of the endpoint.
   * @default - a bucket is created: private, encrypted, TLS only
   */
  readonly bucket?: s3.IBucket;

  /**
   * The prefix of what is captured, without a slash at either end.
   * @default 'data-capture'
   */
  readonly prefix?: string;

  /**
   * The share of the requests that is captured, in percent: a whole number from 0 to 100.
   * @default 100
   */
  readonly samplingPercentage?: number;

  /**
   * What is captured.
   * @default - the bodies of requests and of answers
   */
  readonly modes?: EndpointCaptureMode[];

  /**
   * The content types that are captured as JSON: up to 10. What is neither JSON nor CSV is captured in base64.
   * @default - application/json
   */
  readonly jsonContentTypes?: string[];

  /**
   * The content types that are captured as text: up to 10.
   * @default - text/csv
   */
  readonly csvContentTypes?: string[];

  /**
   * The KMS key that encrypts what is captured.
   * @default - the default encryption of the bucket applies
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The removal policy of the bucket that is created by default. With `DESTROY`, the bucket is emptied and deleted with the stack. It
   * cannot be combined with `bucket`.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
