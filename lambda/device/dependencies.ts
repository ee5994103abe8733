import type {
  DeleteObjectCommandInput, DeleteObjectCommandOutput, GetObjectCommandInput, PutObjectCommandInput, PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import type { Clock } from '../shared/resource-handler';

/** The S3 calls that this handler makes. */
export interface ObjectClient {
  /** The object's text. Rejects with S3's `NoSuchKey` if there is none. */
  getText(input: GetObjectCommandInput): Promise<string>;
  putObject(input: PutObjectCommandInput): Promise<PutObjectCommandOutput>;
  deleteObject(input: DeleteObjectCommandInput): Promise<DeleteObjectCommandOutput>;
}

/** What the handler depends on. */
export interface Dependencies extends Clock {
  readonly objects: ObjectClient;
}
