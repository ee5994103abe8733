import { posix } from 'node:path';
import { JobFailure } from '../job';
import { s3Child, s3Place, type JobStorage } from '../s3-uri';
import type { JobRoot } from './root';

/** What comes from S3 before a job's program runs, and goes there after it: with the rights of the job's role. */
export class Transfers {
  public constructor(private readonly storage: JobStorage, private readonly root: JobRoot, private readonly place: {
    readonly roleArn: string; readonly region: string;
  }) {}

  /** All objects under a prefix, of type `S3Prefix`, as files of a folder. */
  public async download(uri: string, folder: string): Promise<void> {
    const found = (await this.storage.list(uri)).filter((object) => !object.endsWith('/')); // the console's marks of folders
    if (found.length === 0) {
      const { roleArn, region } = this.place;
      throw new JobFailure(`ClientError: No S3 objects found under S3 URL "${uri}" given in input data source. `
        + `Please ensure that the bucket exists in the selected region (${region}), that objects exist under that S3 prefix, `
        + `and that the role "${roleArn}" has "s3:ListBucket" permissions on bucket "${s3Place(uri).bucket}".`);
    }
    await this.root.makeFolder(folder);
    for (const object of found) {
      await this.root.write(posix.join(folder, nameBelow(uri, object)), await this.storage.read(object));
    }
  }

  /** The files of a folder, as objects under a prefix. */
  public async upload(folder: string, uri: string, kmsKeyId?: string): Promise<void> {
    for (const [name, content] of await this.root.files(folder)) {
      await this.put(uri, name, content, kmsKeyId);
    }
  }

  /** Returns the object's URI. */
  public async put(uri: string, name: string, content: Buffer, kmsKeyId?: string): Promise<string> {
    const target = s3Child(uri, name);
    await this.storage.write(target, content, kmsKeyId === undefined || kmsKeyId === '' ? undefined : kmsKeyId);
    return target.uri;
  }
}

/** The part of an object's key after its prefix; of the key itself, or of a prefix that ends amid a name, from the last slash on. */
export function nameBelow(prefix: string, object: string): string {
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return object.startsWith(folder) ? object.slice(folder.length) : object.slice(prefix.lastIndexOf('/') + 1);
}
