import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { IsCompleteResult, Started } from '../shared/events';
import { handle } from '../shared/handle';
import type { Dependencies } from './dependencies';
import { RESOURCES } from './resources';

const s3 = new S3Client({ maxAttempts: 8 }); // rides out half a minute of throttling, within this function's timeout

const dependencies: Dependencies = {
  objects: {
    getText: async (input) => {
      const { Body } = await s3.send(new GetObjectCommand(input));
      return Body === undefined ? '' : await Body.transformToString();
    },
    putObject: (input) => s3.send(new PutObjectCommand(input)),
    deleteObject: (input) => s3.send(new DeleteObjectCommand(input)),
  },
  now: () => Date.now(),
};

export function handler(event: unknown): Promise<Started | IsCompleteResult> {
  return handle(RESOURCES, dependencies, event);
}
