import { createHash } from 'node:crypto';
import type { ListObjectsV2CommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { CaptureLayout } from '../../../../agent/capture/layout';
import type { CaptureItem } from '../../../../agent/capture/record';
import type { Dependencies } from '../../../../lambda/health/labels/dependencies';
import { exportLabels, type Outcome } from '../../../../lambda/health/labels/export';
import { scheduledRun } from '../../../../lambda/health/labels/ledger';
import type { LabelSettings } from '../../../../lib/health/private/labels-contract';

export const SETTINGS: LabelSettings = {
  fleetName: 'fleet', modelNames: ['reader'], captureBucket: 'field', capturePrefix: 'captures', outputBucket: 'out', outputPrefix: 'labels',
  lateDays: 7, maxPerRun: 1000, selection: { reasons: [], share: 0 }, image: {},
};
export const NOON = Date.UTC(2026, 10, 27, 12);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Part extends Omit<CaptureItem, 'length'> { readonly body: Buffer }

export interface Captured {
  readonly id: string;
  readonly time: number;
  readonly parts: readonly Part[];
}

/** What a manifest has in a line. */
export interface Line {
  readonly 'source-ref': string;
  readonly metadata: Record<string, unknown>;
}

/** The detail of an event. */
export interface Detail {
  readonly manifest: string;
  readonly count: number;
  readonly captures: number;
  readonly skipped: readonly { readonly problem: string; readonly count: number; readonly first: string }[];
}

const PAGE = 3;

/** S3 with pages of three, EventBridge, a clock, and the calls that fail. */
export class FakeCloud {
  public readonly objects = new Map<string, { readonly body: Buffer; readonly at: number }>();
  public readonly events: Detail[] = [];
  public now = NOON;
  /** How long each call takes. */
  public callMs = 0;
  public end = Infinity;
  /** Called before each call with its name and key: throws where the call is to fail. */
  public before: (call: string, key: string) => void = () => undefined;
  /** Called after each call: throws where its answer is to be lost. */
  public after: (call: string, key: string) => void = () => undefined;

  public readonly calls: Dependencies = {
    listObjects: (input) => this.call('listObjects', input.Prefix, () => this.list(input)),
    getText: ({ Bucket, Key }) => this.call('getText', Key, () => {
      const { body } = this.object(Bucket, Key);
      return { text: body.toString(), etag: etagOf(body) };
    }),
    getBytes: ({ Bucket, Key }) => this.call('getBytes', Key, () => this.object(Bucket, Key).body),
    getStream: ({ Bucket, Key }) => this.call('getStream', Key, () => this.chunks(this.object(Bucket, Key).body, Key)),
    putObject: (input) => this.call('putObject', input.Key, () => this.put(input)),
    putEvents: ({ Entries = [] }) => this.call('putEvents', undefined, () => {
      this.events.push(...Entries.map(({ Detail: detail = '' }) => JSON.parse(detail) as Detail));
      return { FailedEntryCount: 0 };
    }),
    now: () => this.now,
    remaining: () => Math.min(900_000, this.end - this.now),
  };

  public run(settings: Partial<LabelSettings> = {}, name = scheduledRun(this.now)): Promise<Outcome[]> {
    return exportLabels({ ...SETTINGS, ...settings }, name, this.calls);
  }

  /** Puts the file of an agent into the bucket, with the tensors beside it. */
  public upload(device: string, captures: readonly Captured[], model = 'reader'): string {
    const layout = new CaptureLayout({ folderPrefix: `captures/${device}`, deviceFleetName: 'fleet', deviceName: device, embedLimit: 64 });
    const headers = captures.map(({ id, time, parts }) => ({
      id, modelName: model, modelVersion: '1.0', time: new Date(time).toISOString(), items: parts.map(({ body, ...item }) => ({ ...item, length: body.length })),
    }));
    const lines = headers.map((header, index) => {
      const { line, raw } = layout.render(header, Buffer.concat(captures[index]?.parts.map(({ body }) => body) ?? []), (key) => `s3://field/${key}`);
      raw.forEach(({ key, body }) => {
        this.store(`field/${key}`, body);
      });
      return line;
    });
    const [first] = headers;
    if (first === undefined) {
      throw new Error('a file has captures');
    }
    const key = layout.batchKey(first);
    this.store(`field/${key}`, Buffer.from(lines.join('')));
    return key;
  }

  public store(path: string, body: Buffer): void {
    this.objects.set(path, { body, at: this.now });
  }

  /** The lines of the manifest of an event. */
  public manifest(detail: Detail | undefined): Line[] {
    const body = this.objects.get((detail?.manifest ?? '').replace('s3://', ''))?.body ?? Buffer.alloc(0);
    return body.toString().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
  }

  /** What `source-ref` names. */
  public source(line: Line | undefined): Buffer {
    return this.objects.get((line?.['source-ref'] ?? '').replace('s3://', ''))?.body ?? Buffer.alloc(0);
  }

  /** The captures in all manifests that an event has told of, one for each event and capture. */
  public told(): string[] {
    const manifests = [...new Map(this.events.map((detail) => [detail.manifest, detail])).values()];
    return manifests.flatMap((detail) => this.manifest(detail)).map(({ metadata }) => `${String(metadata.device)}/${String(metadata.captureId)}`);
  }

  private async call<T>(name: string, key: string | undefined, work: () => T): Promise<T> {
    await Promise.resolve();
    this.now += this.callMs;
    this.before(name, key ?? '');
    const result = work();
    this.after(name, key ?? '');
    return result;
  }

  private object(bucket: string, key: string): { readonly body: Buffer } {
    const found = this.objects.get(`${bucket}/${key}`);
    if (found === undefined) {
      throw awsError('NoSuchKey', 404);
    }
    return found;
  }

  /** In parts of seven bytes, so that lines and characters are cut. */
  private async* chunks(body: Buffer, key: string): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < body.length; start += 7) {
      yield await Promise.resolve(body.subarray(start, start + 7));
    }
    this.before('endOfStream', key);
  }

  private list({ Bucket = '', Prefix = '', Delimiter, StartAfter = '', ContinuationToken = '' }: ListObjectsV2CommandInput): ReturnType<FakeCloud['page']> {
    const paths = [...this.objects.keys()].filter((path) => path.startsWith(`${Bucket}/${Prefix}`));
    const keys = paths.map((path) => path.slice(Bucket.length + 1)).sort();
    const later = keys.filter((key) => key > StartAfter);
    const names = Delimiter === undefined ? later : [...new Set(later.map((key) => (
      key.slice(0, key.indexOf(Delimiter, Prefix.length) + 1))))];
    return this.page(names.filter((name) => name > ContinuationToken), Bucket, Delimiter !== undefined);
  }

  private page(names: readonly string[], bucket: string, areFolders: boolean): {
    Contents: { Key: string; Size?: number; LastModified?: Date }[]; CommonPrefixes: { Prefix: string }[]; NextContinuationToken?: string;
  } {
    const shown = names.slice(0, PAGE);
    const Contents = areFolders ? [] : shown.map((Key) => {
      const { body, at } = this.objects.get(`${bucket}/${Key}`) ?? { body: Buffer.alloc(0), at: 0 };
      return { Key, Size: body.length, LastModified: new Date(at) };
    });
    const CommonPrefixes = areFolders ? shown.map((Prefix) => ({ Prefix })) : [];
    return { Contents, CommonPrefixes, ...names.length > PAGE ? { NextContinuationToken: shown.at(-1) } : {} };
  }

  private put({ Bucket = '', Key = '', Body, IfMatch, IfNoneMatch }: PutObjectCommandInput): { ETag: string } {
    const old = this.objects.get(`${Bucket}/${Key}`);
    if ((IfNoneMatch === '*' && old !== undefined) || (IfMatch !== undefined && (old === undefined || etagOf(old.body) !== IfMatch))) {
      throw awsError('PreconditionFailed', 412);
    }
    const body = typeof Body === 'string' || Body instanceof Uint8Array ? Buffer.from(Body) : Buffer.alloc(0);
    this.store(`${Bucket}/${Key}`, body);
    return { ETag: etagOf(body) };
  }
}

export function awsError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(`${name} of the fake`), { name, $metadata: { httpStatusCode } });
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

export function idOf(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

/** An input: a picture of uint8, [1, 3, 8, 8] unless the shape is another one. */
export function picture(seed = 0, shape = '1, 3, 8, 8'): Part {
  const length = shape.split(', ').reduce((product, each) => product * Number(each), 1);
  return {
    group: 'inputs', name: 'x', contentType: `Tensor[UINT8; ${shape}]`, encoding: 'NONE',
    body: Buffer.from(Array.from({ length }, (_, index) => (index * 7 + seed) % 256)),
  };
}

/** As an agent writes it beside a capture of its own. */
export function reason(content: unknown = { reason: 'unsure', confidence: 0.41 }): Part {
  return {
    group: 'auxiliaryOutputs', name: 'capture-reason', contentType: 'application/json', encoding: 'JSON',
    body: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  };
}

export function floats(group: 'inputs' | 'outputs', name: string, shape: string, values: readonly number[]): Part {
  return { group, name, contentType: `Tensor[FLOAT32; ${shape}]`, encoding: 'NONE', body: Buffer.from(Float32Array.from(values).buffer) };
}
