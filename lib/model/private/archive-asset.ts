import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { AssetStaging, aws_s3 as s3, FileAssetPackaging, FileSystem, Names, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { gunzip, gzipStored } from '../../private/archive/gzip';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { readTar, writeTar } from '../../private/archive/tar';

/** Uploads an archive that exists, or one made of files. */
export class ArchiveAsset extends Construct {
  public readonly bucket: s3.IBucket;
  public readonly objectKey: string;
  public readonly s3Uri: string;
  /** Of the uploaded bytes, lower-case hex. */
  public readonly sha256: string;
  private staged = '';

  public constructor(scope: Construct, id: string, content: Buffer | readonly ArchiveFile[]) {
    super(scope, id);
    const bytes = Buffer.isBuffer(content) ? content : gzipStored(writeTar(content));
    this.sha256 = createHash('sha256').update(bytes).digest('hex');
    // Not s3_assets.Asset: the keys that it makes end with '.gz', and Neo asks for '.tar.gz'.
    const location = Stack.of(this).synthesizer.addFileAsset({
      fileName: this.stage(bytes),
      packaging: FileAssetPackaging.FILE,
      sourceHash: `${this.sha256}.tar`, // the key is this and the file's last extension
      displayName: Names.stackRelativeConstructPath(this),
    });
    this.bucket = s3.Bucket.fromBucketName(this, 'Bucket', location.bucketName);
    this.objectKey = location.objectKey;
    this.s3Uri = this.bucket.s3UrlForObject(this.objectKey);
  }

  /** What is in it, read from the cloud assembly, so that a large model need not stay in memory; undefined for what is no tar.gz. */
  public files(): ArchiveFile[] | undefined {
    const tar = gunzip(fs.readFileSync(this.staged));
    return tar && readTar(tar);
  }

  /** Puts the archive into the cloud assembly. */
  private stage(bytes: Buffer): string {
    const folder = FileSystem.mkdtemp('cdk-sagemaker-edge-');
    const file = path.join(folder, 'model.tar.gz');
    let staging: AssetStaging | undefined;
    try {
      fs.writeFileSync(file, bytes);
      staging = new AssetStaging(this, 'Stage', { sourcePath: file, assetHash: this.sha256 });
      this.staged = staging.absoluteStagedPath;
      return staging.relativeStagedPath(Stack.of(this));
    } finally {
      if (staging?.absoluteStagedPath !== file) { // with staging disabled, it is uploaded from there
        fs.rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}
