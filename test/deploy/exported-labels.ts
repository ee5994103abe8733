import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { TestCloud } from './harness';

/** What a line of a manifest says that the tests look at. */
export interface ManifestLine {
  readonly 'source-ref': string;
  readonly metadata: { readonly device: string; readonly reason: string; readonly confidence: number };
}

/** Runs the function of a `LabelingExport`, and gives its answer. */
export async function exportLabels({ cloud: { clients: { lambda } } }: TestCloud, FunctionName: string | undefined): Promise<unknown> {
  const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  const text = Buffer.from(Payload ?? []).toString();
  expect(FunctionError === undefined ? '' : text).toBe('');
  return JSON.parse(text);
}

/** The keys of a bucket with this beginning and end. */
export async function keysOf({ cloud: { clients: { s3 } } }: TestCloud, Bucket: string, Prefix: string, end: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.flatMap(({ Key = '' }) => (Key.endsWith(end) ? [Key] : []));
}

/** An object by its `s3://` URI. */
export async function readUri({ cloud: { clients: { s3 } } }: TestCloud, uri: string): Promise<Buffer> {
  const { host: Bucket, pathname } = new URL(uri);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: decodeURIComponent(pathname.slice(1)) }));
  return Buffer.from(await Body?.transformToByteArray() ?? []);
}

/** The lines of a manifest by its `s3://` URI. */
export async function readManifest(cloud: TestCloud, uri: string): Promise<ManifestLine[]> {
  return (await readUri(cloud, uri)).toString().trim().split('\n').map((line) => JSON.parse(line) as ManifestLine);
}
