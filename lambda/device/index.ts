import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { customResources } from '../shared/function';
import { handle } from '../shared/handle';
import type { Phase } from '../shared/lifecycle';
import type { Dependencies } from './dependencies';
import { LIMITS } from './limits';
import { RESOURCES } from './resources';

const s3 = new S3Client({ maxAttempts: 8 }); // rides out half a minute of throttling, within a phase

function dependencies({ signal: abortSignal }: Phase): Dependencies {
  const call = { abortSignal };
  return {
    objects: {
      getText: async (input) => {
        const { Body } = await s3.send(new GetObjectCommand(input), call);
        return Body === undefined ? '' : await Body.transformToString();
      },
      putObject: (input) => s3.send(new PutObjectCommand(input), call),
      deleteObject: (input) => s3.send(new DeleteObjectCommand(input), call),
    },
    now: () => Date.now(),
  };
}

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, dependencies(phase), event));
