import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, paginateListObjectsV2, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { CliProblem, usageProblem } from '../problem';

const RECORDS = '.jsonl';

/** Where captures lie: a bucket or a folder. */
export interface CaptureStore {
  /** The files of records, in any order. */
  files(): Promise<string[]>;
  read(file: string): Promise<Buffer>;
  /** What a record's `data-ref` names. */
  resolve(reference: string): Promise<Buffer>;
}

/** `s3` makes the client for a bucket. */
export function storeAt(location: string, s3: () => S3Client = () => new S3Client()): CaptureStore {
  if (!location.startsWith('s3://')) {
    return new FolderStore(location);
  }
  const match = /^s3:\/\/(?<bucket>[^/]+)\/?(?<prefix>.*)$/.exec(location)?.groups;
  if (match?.bucket === undefined || match.prefix === undefined) {
    throw usageProblem(`a location is s3://<bucket>/<prefix> or a folder, got ${location}`);
  }
  return new BucketStore(s3(), match.bucket, match.prefix);
}

class FolderStore implements CaptureStore {
  private readonly root: string;

  public constructor(location: string) {
    this.root = resolve(location);
    if (!existsSync(this.root) || !statSync(this.root).isDirectory()) {
      throw usageProblem(`there is no folder ${this.root}`);
    }
  }

  public async files(): Promise<string[]> {
    return Promise.resolve(readdirSync(this.root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(RECORDS)));
  }

  public async read(file: string): Promise<Buffer> {
    return readFile(join(this.root, file));
  }

  /** Where the reference says, or where a copy of the device's or bucket's folder has it: at the end of that path, below this folder. */
  public async resolve(reference: string): Promise<Buffer> {
    const path = reference.startsWith('file:') ? fileURLToPath(reference) : decodeURIComponent(new URL(reference).pathname);
    const parts = path.split(sep).filter((part) => part !== '');
    const candidates = [...reference.startsWith('file:') ? [path] : [], ...parts.map((_, index) => join(this.root, ...parts.slice(index)))];
    const found = candidates.find((candidate) => existsSync(candidate));
    if (found === undefined) {
      throw new CliProblem(`${reference} is not in ${this.root}`, ['a copy of captures needs their raw-data folders, too']);
    }
    return readFile(found);
  }
}

function isOfUser(error: Error): boolean {
  return error instanceof S3ServiceException || /^(Credentials|Token)ProviderError$/.test(error.name) || /region/i.test(error.message);
}

class BucketStore implements CaptureStore {
  public constructor(private readonly s3: S3Client, private readonly bucket: string, private readonly prefix: string) {}

  public async files(): Promise<string[]> {
    return this.explained(async () => {
      const keys: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.s3 }, { Bucket: this.bucket, Prefix: this.prefix })) {
        keys.push(...Contents.map(({ Key = '' }) => Key));
      }
      return keys.filter((key) => key.endsWith(RECORDS));
    });
  }

  public async read(file: string): Promise<Buffer> {
    return this.get(this.bucket, file);
  }

  public async resolve(reference: string): Promise<Buffer> {
    const match = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/.exec(reference)?.groups;
    if (match?.bucket === undefined || match.key === undefined) {
      throw new CliProblem(`${reference} is on the device's disk: only what is in a bucket can be shown from here`);
    }
    return this.get(match.bucket, match.key);
  }

  private async get(Bucket: string, Key: string): Promise<Buffer> {
    return this.explained(async () => {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from(await Body?.transformToByteArray() ?? []);
    });
  }

  /** Refusals of AWS, and missing credentials or a missing region, are the user's to mend. */
  private async explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error && isOfUser(error)) {
        throw new CliProblem(`s3://${this.bucket}: ${error.name}: ${error.message}`, [
          'credentials and region come from where the AWS CLI takes them; --local asks the local cloud of this folder',
        ]);
      }
      throw error;
    }
  }
}
