import type { S3Client } from '@aws-sdk/client-s3';
import type { CaptureSink } from '../capture/sink';
import type { Credentials } from './credentials';

/** Gives credentials. Undefined: those of the environment (variables, or a container's endpoint). */
export type CredentialSource = (() => Promise<Credentials>) | undefined;

export interface S3Options {
  readonly region: string;
  readonly bucketName: string;
  readonly credentials: CredentialSource;
  readonly environment: NodeJS.ProcessEnv;
}

/** Captures in a bucket. The SDK is loaded with the first upload: an agent that captures nothing does without it. */
export class S3Sink implements CaptureSink {
  private client: Promise<S3Client> | undefined;

  public constructor(private readonly options: S3Options) {}

  public async put(key: string, body: Buffer, contentType: string): Promise<void> {
    const { PutObjectCommand } = await import('./sdk.js');
    this.client ??= this.connect();
    const client = await this.client;
    await client.send(new PutObjectCommand({ Bucket: this.options.bucketName, Key: key, Body: body, ContentType: contentType }));
  }

  public reference(key: string): string {
    return `s3://${this.options.bucketName}/${key}`;
  }

  private async connect(): Promise<S3Client> {
    const { S3Client } = await import('./sdk.js');
    const { region, credentials, environment } = this.options;
    const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
    return new S3Client({
      region, maxAttempts: 2, // the uploader's own retries come after these
      requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000, throwOnRequestTimeout: true },
      ...(credentials === undefined ? {} : { credentials }),
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    });
  }
}
