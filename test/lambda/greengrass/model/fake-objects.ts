import type { ObjectCalls } from '../../../../lambda/greengrass/dependencies';
import { fail, type Line } from '../../identity/model/fault';

/** S3: buckets that go only when they are empty. */
export class FakeObjects {
  /** Bucket, and what each key holds. */
  public readonly buckets = new Map<string, Map<string, string>>();
  /** Told of each object that is written. */
  public onCopy: (bucket: string, key: string) => void = () => undefined;

  public create(name: string): void {
    if (this.buckets.has(name)) {
      throw fail('BucketAlreadyOwnedByYou', name, 409);
    }
    this.buckets.set(name, new Map());
  }

  public has(bucket: string, key: string): boolean {
    return this.buckets.get(bucket)?.has(key) ?? false;
  }

  public empty(bucket: string): void {
    this.buckets.get(bucket)?.clear();
  }

  public delete(bucket: string): void {
    if (this.bucket(bucket).size > 0) {
      throw fail('BucketNotEmpty', `The bucket ${bucket} you tried to delete is not empty`, 409);
    }
    this.buckets.delete(bucket);
  }

  /** What the handlers see of it. */
  public api(line: Line): ObjectCalls {
    return {
      copyObject: ({ Bucket = '', Key = '', CopySource = '' }) => line.call('copyObject', () => {
        this.bucket(Bucket).set(Key, CopySource);
        this.onCopy(Bucket, Key);
        return {};
      }),
      deleteObject: ({ Bucket = '', Key = '' }) => line.call('deleteObject', () => {
        this.bucket(Bucket).delete(Key);
        return {};
      }),
    };
  }

  /** What a bucket holds; throws where there is no such bucket. */
  public bucket(name: string): Map<string, string> {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) {
      throw fail('NoSuchBucket', `The specified bucket does not exist: ${name}`, 404);
    }
    return bucket;
  }
}
