import type {
  AbortMultipartUploadCommandInput, CompleteMultipartUploadCommandInput, CreateMultipartUploadCommandInput,
  CreateMultipartUploadCommandOutput, DeleteObjectCommandInput, GetObjectCommandInput, ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput, PutObjectCommandInput, UploadPartCommandInput, UploadPartCommandOutput,
} from '@aws-sdk/client-s3';
import type { Clock } from '../shared/resource-handler';

/** An object of S3 that is being read. */
export interface ObjectStream {
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes. */
  readonly size: number;
}

/** The S3 calls that this handler makes. */
export interface ObjectCalls {
  getObject(input: GetObjectCommandInput): Promise<ObjectStream>;
  putObject(input: PutObjectCommandInput): Promise<unknown>;
  deleteObject(input: DeleteObjectCommandInput): Promise<unknown>;
  listObjects(input: ListObjectsV2CommandInput): Promise<Pick<ListObjectsV2CommandOutput, 'Contents'>>;
  createMultipartUpload(input: CreateMultipartUploadCommandInput): Promise<Pick<CreateMultipartUploadCommandOutput, 'UploadId'>>;
  uploadPart(input: UploadPartCommandInput): Promise<Pick<UploadPartCommandOutput, 'ETag'>>;
  completeMultipartUpload(input: CompleteMultipartUploadCommandInput): Promise<unknown>;
  abortMultipartUpload(input: AbortMultipartUploadCommandInput): Promise<unknown>;
}

/** What the handler depends on. */
export interface Dependencies extends Clock {
  readonly objects: ObjectCalls;
  /** A folder of this function alone. It is emptied before and after each package. */
  readonly scratch: string;
  /** How many bytes the files of a model may have. */
  readonly maxBytes: number;
  /** How many bytes are uploaded at once. S3 takes parts from 5 MiB on, and 10,000 of them. */
  readonly partBytes: number;
}
