import { tmpdir } from 'node:os';
import * as path from 'node:path';
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand,
  ListObjectsV2Command, PutObjectCommand, S3Client, UploadPartCommand,
} from '@aws-sdk/client-s3';
import { MODEL_MAX_BYTES } from '../../lib/model/private/size-limits';
import { customResources } from '../shared/function';
import { handle } from '../shared/handle';
import type { Phase } from '../shared/lifecycle';
import type { Dependencies } from './dependencies';
import { LIMITS } from './limits';
import { RESOURCES } from './resources';

const MIB = 1024 ** 2;

const s3 = new S3Client({ maxAttempts: 8 });

function dependencies({ signal: abortSignal }: Phase): Dependencies {
  const call = { abortSignal };
  return {
    objects: {
      getObject: async (input) => {
        const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand(input), call);
        if (Body === undefined) {
          throw new Error('S3 has answered without a body');
        }
        return { body: Body.transformToWebStream(), size: ContentLength };
      },
      putObject: (input) => s3.send(new PutObjectCommand(input), call),
      deleteObject: (input) => s3.send(new DeleteObjectCommand(input), call),
      listObjects: (input) => s3.send(new ListObjectsV2Command(input), call),
      createMultipartUpload: (input) => s3.send(new CreateMultipartUploadCommand(input), call),
      uploadPart: (input) => s3.send(new UploadPartCommand(input), call),
      completeMultipartUpload: (input) => s3.send(new CompleteMultipartUploadCommand(input), call),
      // Also when the phase is over: it clears up.
      abortMultipartUpload: (input) => s3.send(new AbortMultipartUploadCommand(input)),
    },
    now: () => Date.now(),
    scratch: path.join(tmpdir(), 'cdk-sagemaker-edge-model'),
    maxBytes: MODEL_MAX_BYTES,
    partBytes: 64 * MIB,
  };
}

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, dependencies(phase), event));
