import type { Dependencies, ObjectCalls } from '../../../lambda/model/dependencies';

/** An error as the SDK throws it. */
export function s3Error(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}

/** S3 with versions of objects, and faults: a call that has one rejects with it. */
export class FakeS3 {
  public readonly objects = new Map<string, Buffer>();
  public readonly calls: [name: string, input: object][] = [];
  public readonly faults = new Map<string, Error[]>();
  public readonly uploads = new Map<string, Buffer[]>();
  public time = 1_000_000;
  /** The milliseconds that pass at each look at the clock. */
  public tick = 0;
  public readonly buckets = new Set(['trained', 'packages']);

  public constructor(
    private readonly scratch: string, private readonly limits: { readonly maxBytes?: number; readonly partBytes?: number } = {},
  ) {}

  public put(key: string, content: Buffer, bucket = 'trained'): void {
    this.objects.set(`${bucket}/${key}`, content);
  }

  /** Keys in the bucket of packages. */
  public packages(end = '.tar.gz'): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith('packages/') && key.endsWith(end));
  }

  public count(name: string): number {
    return this.calls.filter(([called]) => called === name).length;
  }

  public dependencies(): Dependencies {
    return {
      objects: this.api(),
      now: () => {
        this.time += this.tick;
        return this.time;
      },
      scratch: this.scratch, maxBytes: 2 ** 30, partBytes: 2 ** 26, ...this.limits,
    };
  }

  private call<T>(name: string, input: object, answer: () => T): Promise<T> {
    this.calls.push([name, input]);
    const fault = this.faults.get(name)?.shift();
    return fault ? Promise.reject(fault) : Promise.resolve().then(answer);
  }

  private bucket(name = ''): string {
    if (!this.buckets.has(name)) {
      throw s3Error('NoSuchBucket');
    }
    return name;
  }

  private api(): ObjectCalls {
    return {
      getObject: (input) => this.call('getObject', input, () => {
        const version = input.VersionId === undefined ? '' : `?${input.VersionId}`;
        const content = this.objects.get(`${this.bucket(input.Bucket)}/${input.Key ?? ''}${version}`);
        if (!content) {
          throw s3Error('NoSuchKey');
        }
        return { body: inPieces(content), size: content.length };
      }),
      putObject: (input) => this.call('putObject', input, () => {
        this.objects.set(`${this.bucket(input.Bucket)}/${input.Key ?? ''}`, bytes(input.Body));
      }),
      deleteObject: (input) => this.call('deleteObject', input, () => this.objects.delete(`${this.bucket(input.Bucket)}/${input.Key ?? ''}`)),
      listObjects: (input) => this.call('listObjects', input, () => {
        const start = `${this.bucket(input.Bucket)}/`;
        const found = [...this.objects].filter(([key]) => key.startsWith(`${start}${input.Prefix ?? ''}`));
        return { Contents: found.map(([key, content]) => ({ Key: key.slice(start.length), Size: content.length })) };
      }),
      createMultipartUpload: (input) => this.call('createMultipartUpload', input, () => {
        this.uploads.set('upload', []);
        return { UploadId: 'upload' };
      }),
      uploadPart: (input) => this.call('uploadPart', input, () => {
        this.uploads.get(input.UploadId ?? '')?.push(bytes(input.Body));
        return { ETag: `part-${input.PartNumber ?? 0}` };
      }),
      completeMultipartUpload: (input) => this.call('completeMultipartUpload', input, () => {
        this.objects.set(`${this.bucket(input.Bucket)}/${input.Key ?? ''}`, Buffer.concat(this.uploads.get(input.UploadId ?? '') ?? []));
        this.uploads.delete(input.UploadId ?? '');
      }),
      abortMultipartUpload: (input) => this.call('abortMultipartUpload', input, () => this.uploads.delete(input.UploadId ?? '')),
    };
  }
}

async function* inPieces(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 1000) {
    yield await Promise.resolve(content.subarray(at, at + 1000));
  }
}

function bytes(body: unknown): Buffer {
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    return Buffer.from(body);
  }
  throw new Error('a body must be a text or a buffer here');
}
