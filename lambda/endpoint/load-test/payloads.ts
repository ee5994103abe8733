import { MAX_PAYLOAD_BYTES, type ControllerSettings } from '../../../lib/endpoint/private/load-test/contract';
import { describeError } from '../../shared/errors';
import type { Run } from '../report/run';
import type { ObjectCalls } from './dependencies';
import { LoadTestProblem } from './problem';

/** How many payloads there are and their average size. Throws for one that SageMaker would refuse, before any task is started. */
export async function countPayloads(objects: ObjectCalls, { payloads, payloadFigures }: ControllerSettings): Promise<Run['payloads']> {
  if (payloadFigures !== undefined) {
    return payloadFigures;
  }
  if (payloads === undefined) {
    return { count: 0, bytes: 0 };
  }
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(payloads) ?? [];
  const isFolder = key === '' || key.endsWith('/');
  let count = 0;
  let bytes = 0;
  let token: string | undefined;
  do {
    const page = await list(objects, bucket, key, payloads, token);
    for (const { Key: name = '', Size: size = 0 } of page.Contents ?? []) {
      if (isFolder ? name.endsWith('/') : name !== key) {
        continue;
      }
      if (size > MAX_PAYLOAD_BYTES) {
        throw new LoadTestProblem(
          `the payload s3://${bucket}/${name} must have at most ${MAX_PAYLOAD_BYTES} bytes (6 MB, InvokeEndpoint's limit), got ${size}`,
        );
      }
      count += 1;
      bytes += size;
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  if (count === 0) {
    throw new LoadTestProblem(`there is no payload in ${payloads}`);
  }
  return { count, bytes: Math.round(bytes / count) };
}

async function list(objects: ObjectCalls, bucket: string, prefix: string, payloads: string, token: string | undefined) {
  try {
    return await objects.listObjects({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
  } catch (error) {
    throw new LoadTestProblem(`the payloads in ${payloads} cannot be listed (${describeError(error)})`, { cause: error });
  }
}
