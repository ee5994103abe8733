import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { isNamed, text, type Identity, type Outcome, type Properties, type ResourceHandler } from './resource';

/** Custom::S3AutoDeleteObjects: empties a bucket before CloudFormation deletes it. */
export class AutoDeleteObjectsHandler implements ResourceHandler {
  private readonly s3 = new S3Client({ forcePathStyle: true });

  public create(properties: Properties, { logicalId }: Identity): Promise<Outcome> {
    return Promise.resolve({ physicalId: `${logicalId}-${text(properties, 'BucketName')}` });
  }

  /** Another bucket is another physical id, whose Delete empties the old one. */
  public update(_physicalId: string, properties: Properties, _old: Properties, identity: Identity): Promise<Outcome> {
    return this.create(properties, identity);
  }

  public async delete(_physicalId: string, properties: Properties): Promise<void> {
    const Bucket = text(properties, 'BucketName');
    try {
      for (;;) {
        const page = await this.s3.send(new ListObjectVersionsCommand({ Bucket }));
        const Objects = [...page.Versions ?? [], ...page.DeleteMarkers ?? []].map(({ Key, VersionId }) => ({ Key, VersionId }));
        if (Objects.length === 0) {
          return;
        }
        const { Errors: [failed] = [] } = await this.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
        if (failed) {
          throw new Error(`${failed.Key ?? ''} of ${Bucket} could not be deleted: ${failed.Code ?? ''} ${failed.Message ?? ''}`);
        }
      }
    } catch (error) {
      if (!isNamed(error, 'NoSuchBucket')) {
        throw error;
      }
    }
  }
}
