import { tmpdir } from 'node:os';
import * as path from 'node:path';
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand,
  ListObjectsV2Command, PutObjectCommand, S3Client, UploadPartCommand,
} from '@aws-sdk/client-s3';
import { MODEL_MAX_BYTES } from '../../lib/model/private/size-limits';
import type { IsCompleteResult, Started } from '../shared/events';
import { handle } from '../shared/handle';
import type { Dependencies } from './dependencies';
import { RESOURCES } from './resources';

const MIB = 1024 ** 2;

const s3 = new S3Client({ maxAttempts: 8 });

const dependencies: Dependencies = {
  objects: {
    getObject: async (input) => {
      const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand(input));
      if (Body === undefined) {
        throw new Error('S3 has answered without a body');
      }
      return { body: Body.transformToWebStream(), size: ContentLength };
    },
    putObject: (input) => s3.send(new PutObjectCommand(input)),
    deleteObject: (input) => s3.send(new DeleteObjectCommand(input)),
    listObjects: (input) => s3.send(new ListObjectsV2Command(input)),
    createMultipartUpload: (input) => s3.send(new CreateMultipartUploadCommand(input)),
    uploadPart: (input) => s3.send(new UploadPartCommand(input)),
    completeMultipartUpload: (input) => s3.send(new CompleteMultipartUploadCommand(input)),
    abortMultipartUpload: (input) => s3.send(new AbortMultipartUploadCommand(input)),
  },
  now: () => Date.now(),
  scratch: path.join(tmpdir(), 'cdk-sagemaker-edge-model'),
  maxBytes: MODEL_MAX_BYTES,
  partBytes: 64 * MIB,
};

export function handler(event: unknown): Promise<Started | IsCompleteResult> {
  return handle(RESOURCES, dependencies, event);
}
