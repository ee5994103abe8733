import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { isRecord } from '../../shared/properties';
import type { Dependencies, ObjectName } from './dependencies';
import { exportLabels, type Outcome } from './export';
import { manualRun, scheduledRun } from './ledger';
import { SkippedCapture } from './problem';
import { parseLabelSettings } from './settings';

const options = { maxAttempts: 6 };
const s3 = new S3Client(options);
const events = new EventBridgeClient(options);

const { LABEL_SETTINGS } = process.env;

const calls: Omit<Dependencies, 'remaining'> = {
  listObjects: (input) => s3.send(new ListObjectsV2Command(input)),
  getText: async (name) => {
    const { Body, ETag: etag = '' } = await get(name);
    return { text: await Body?.transformToString() ?? '', etag };
  },
  getBytes: async (name, limit) => {
    const { Body, ContentLength = 0 } = await get(name);
    if (ContentLength > limit) {
      if (Body instanceof Readable) {
        Body.destroy();
      }
      throw new SkippedCapture('TooLarge', `s3://${name.Bucket}/${name.Key} has ${ContentLength} bytes, of at most ${limit}`);
    }
    return Buffer.from(await Body?.transformToByteArray() ?? []);
  },
  getStream: async (name) => {
    const { Body } = await get(name);
    if (!(Body instanceof Readable)) {
      throw new Error(`s3://${name.Bucket}/${name.Key} came without a body`);
    }
    return Body;
  },
  putObject: (input) => s3.send(new PutObjectCommand(input)),
  putEvents: (input) => events.send(new PutEventsCommand(input)),
  now: () => Date.now(),
};

function get(name: ObjectName): Promise<GetObjectCommandOutput> {
  return s3.send(new GetObjectCommand(name));
}

interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** By schedule, whose event has its time also where Lambda repeats it; or by hand. */
export async function handler(event: unknown, context: Context): Promise<Outcome[]> {
  const time = isRecord(event) && typeof event.time === 'string' ? Date.parse(event.time) : NaN;
  const run = Number.isNaN(time) ? manualRun(Date.now(), context.awsRequestId) : scheduledRun(time);
  return exportLabels(parseLabelSettings(LABEL_SETTINGS), run, {
    ...calls, remaining: () => context.getRemainingTimeInMillis(),
  });
}
