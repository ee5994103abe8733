import { GetObjectCommand, ListBucketsCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { readRecords, type CapturedItem, type CaptureRecord } from '../../agent/capture/read/record';
import { bytesOf, picturesOf, tensorOf } from '../../agent/capture/read/values';
import type { ShownCapture } from './contracts';

/** As agent/capture/layout.ts names a file of records: `<prefix>/<fleet>/<model>/<YYYY>/<MM>/<DD>/<HH>/<time>-<id>.jsonl`. */
const RECORDS = /\/\d{4}\/\d{2}\/\d{2}\/\d{2}\/(?<time>\d{8}T\d{9}Z)-[0-9a-f-]+\.jsonl$/;
const MOST_CAPTURES = 12;
const MOST_WORDS = 500;

/** The newest captures of all buckets, the newest first. */
export async function lastCaptures(s3: S3Client): Promise<ShownCapture[]> {
  const { Buckets: buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const files: { bucket: string; key: string; time: string }[] = [];
  for (const { Name: bucket = '' } of buckets) {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
      files.push(...Contents.flatMap(({ Key: key = '' }) => {
        const time = RECORDS.exec(key)?.groups?.time;
        return time === undefined ? [] : [{ bucket, key, time }];
      }));
    }
  }
  const newest = files.sort((one, other) => (one.time < other.time ? 1 : -1)).slice(0, MOST_CAPTURES);
  const captures: ShownCapture[] = [];
  for (const { bucket, key } of newest) {
    const text = (await get(s3, bucket, key)).toString('utf8');
    for (const record of readRecords(`s3://${bucket}/${key}`, text).reverse()) {
      if (captures.length < MOST_CAPTURES) {
        captures.push(await shown(s3, record));
      }
    }
  }
  return captures;
}

async function shown(s3: S3Client, { device, modelName, modelVersion, time, items }: CaptureRecord): Promise<ShownCapture> {
  const pictures: Buffer[] = [];
  for (const item of items.filter(({ group }) => group === 'input')) {
    const tensor = tensorOf(item, await contentOf(s3, item));
    pictures.push(...tensor === undefined ? [] : picturesOf(tensor));
  }
  const words: string[] = [];
  for (const item of items.filter(({ group, contentType }) => group === 'auxiliary-output' && contentType !== 'application/octet-stream')) {
    words.push(`${item.name}: ${(await contentOf(s3, item)).toString('utf8').slice(0, MOST_WORDS)}`);
  }
  return { device, model: `${modelName} ${modelVersion}`, time: time.replace('T', ' '), words, pictures };
}

/** Of a record on a device's disk only what is in the record is here. */
async function contentOf(s3: S3Client, item: CapturedItem): Promise<Buffer> {
  const { bucket, key } = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/.exec(item.reference ?? '')?.groups ?? {};
  return bytesOf(item, bucket === undefined || key === undefined ? undefined : await get(s3, bucket, key));
}

async function get(s3: S3Client, Bucket: string, Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from(await Body?.transformToByteArray() ?? []);
}
