import * as fs from 'node:fs';
import * as path from 'node:path';
import { AssetStaging, aws_s3 as s3, FileAssetPackaging, FileSystem, Names, Stack, type aws_iam as iam } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { archiveSize, checkFitsAssembly } from '../../private/archive/assembly-limit';
import { chunksOf, fileContent, writeChunks } from '../../private/archive/content';
import { storedContent, storedGzip } from '../../private/archive/gzip';
import { readTar, tarChunks } from '../../private/archive/tar';
import { objectReadGrant } from '../../private/object-read-grant';
import type { ModelSourceConfig } from './neo-request';

/** Uploads an archive that exists, or one made of files. */
export class ArchiveAsset extends Construct {
  public readonly bucket: s3.IBucket;
  public readonly objectKey: string;
  public readonly s3Uri: string;
  /** Of the uploaded bytes, lower-case hex. */
  public readonly sha256: string;
  /** Of the uploaded archive, in bytes. */
  public readonly size: number;
  private staged = '';

  /** @param content the path of an archive, or the files of one that is to be made */
  public constructor(scope: Construct, id: string, content: string | readonly ArchiveFile[]) {
    super(scope, id);
    checkFitsAssembly(this, 'the archive of a model', typeof content === 'string' ? fs.statSync(content).size : archiveSize(content));
    const { fileName, sha256 } = this.stage(typeof content === 'string' ? chunksOf(fileContent(content)) : storedGzip(tarChunks(content)));
    this.sha256 = sha256;
    this.size = fs.statSync(this.staged).size;
    // Not s3_assets.Asset: the keys that it makes end with '.gz', and Neo asks for '.tar.gz'.
    const location = Stack.of(this).synthesizer.addFileAsset({
      fileName,
      packaging: FileAssetPackaging.FILE,
      sourceHash: `${this.sha256}.tar`, // the key is this and the file's last extension
      displayName: Names.stackRelativeConstructPath(this),
    });
    this.bucket = s3.Bucket.fromBucketName(this, 'Bucket', location.bucketName);
    this.objectKey = location.objectKey;
    this.s3Uri = this.bucket.s3UrlForObject(this.objectKey);
  }

  /** Where the archive is, and how it is read. */
  public config(): ModelSourceConfig {
    const { bucket, objectKey, s3Uri, sha256 } = this;
    const grantRead = (grantee: iam.IGrantable): iam.Grant => objectReadGrant(grantee, bucket, bucket.arnForObjects(objectKey));
    return { bucket, objectKey, s3Uri, fingerprint: sha256, grantRead };
  }

  /** What is in an archive that was made here. It is read from the cloud assembly. */
  public files(): ArchiveFile[] {
    const files = readTar(storedContent(fileContent(this.staged)));
    if (!files) {
      throw new Error(`${this.staged} is no archive any more`);
    }
    return files;
  }

  /** Puts the archive into the cloud assembly. */
  private stage(bytes: Iterable<Buffer>): { readonly fileName: string; readonly sha256: string } {
    const folder = FileSystem.mkdtemp('cdk-sagemaker-edge-');
    const file = path.join(folder, 'model.tar.gz');
    let staging: AssetStaging | undefined;
    try {
      const sha256 = writeChunks(file, bytes);
      staging = new AssetStaging(this, 'Stage', { sourcePath: file, assetHash: sha256 });
      this.staged = staging.absoluteStagedPath;
      return { fileName: staging.relativeStagedPath(Stack.of(this)), sha256 };
    } finally {
      if (staging?.absoluteStagedPath !== file) { // with staging disabled, it is uploaded from there
        fs.rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}
