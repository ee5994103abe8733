import type { PutEventsCommandInput, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';

export interface ObjectName {
  readonly Bucket: string;
  readonly Key: string;
}

export interface StoredText {
  readonly text: string;
  readonly etag: string;
}

/** The calls that the function makes. */
export interface Dependencies {
  readonly listObjects: (input: ListObjectsV2CommandInput) => Promise<Pick<ListObjectsV2CommandOutput, 'Contents' | 'CommonPrefixes' | 'NextContinuationToken'>>;
  readonly getText: (name: ObjectName) => Promise<StoredText>;
  /** Fails where it has more than `limit` bytes. */
  readonly getBytes: (name: ObjectName, limit: number) => Promise<Buffer>;
  readonly getStream: (name: ObjectName) => Promise<AsyncIterable<Uint8Array>>;
  readonly putObject: (input: PutObjectCommandInput) => Promise<unknown>;
  readonly putEvents: (input: PutEventsCommandInput) => Promise<Pick<PutEventsCommandOutput, 'FailedEntryCount' | 'Entries'>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that this invocation has left. */
  readonly remaining: () => number;
}
