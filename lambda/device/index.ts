import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ObjectClient } from './client';
import { DeviceManifestHandler, type IsCompleteResponse, type OnEventResponse } from './device-manifest-handler';
import { parseEvent } from './parse';

const s3 = new S3Client({ maxAttempts: 8 }); // rides out half a minute of throttling, within this function's timeout
const client: ObjectClient = {
  getText: async (input) => {
    const { Body } = await s3.send(new GetObjectCommand(input));
    return Body === undefined ? '' : await Body.transformToString();
  },
  putObject: (input) => s3.send(new PutObjectCommand(input)),
  deleteObject: (input) => s3.send(new DeleteObjectCommand(input)),
};

/** onEvent and isComplete of the provider framework: only the latter gets what the former returned. */
export async function handler(event: unknown): Promise<OnEventResponse | IsCompleteResponse> {
  const parsed = parseEvent(event);
  const device = new DeviceManifestHandler(client, parsed);
  return parsed.started === undefined ? device.onEvent() : device.isComplete(parsed.started);
}
