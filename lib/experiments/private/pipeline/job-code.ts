import * as fs from 'node:fs';
import * as path from 'node:path';
import { AssetStaging, aws_iam as iam, aws_s3 as s3, FileAssetPackaging, FileSystem, Names, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ArchiveFile } from '../../../private/archive/archive-file';
import { fileContent, writeChunks } from '../../../private/archive/content';
import { fitsZip, zipChunks, zipSize } from '../../../private/archive/zip';
import { assetPath } from '../../../private/assets';
import { objectReadGrant } from '../../../private/object-read-grant';
import { ValidationError } from '../../../private/validation';

/** Scripts are small: what is larger belongs to DVC. */
const MOST_BYTES = 100 * 1024 ** 2;

/** The code of a job: one archive that Python runs, with the library's program and the user's folder. The same files, the same archive. */
export class JobCode extends Construct {
  public readonly s3Uri: string;
  /** Of the archive, lower-case hexadecimal. */
  public readonly sha256: string;
  private readonly bucket: s3.IBucket;
  private readonly objectKey: string;

  public constructor(scope: Construct, id: string, folder: string, entryPoint: string) {
    super(scope, id);
    const files = [...filesOf(assetPath('experiment-job')), ...this.userFiles(folder, entryPoint)];
    const { fileName, sha256 } = this.stage(files);
    this.sha256 = sha256;
    const location = Stack.of(this).synthesizer.addFileAsset({
      fileName, packaging: FileAssetPackaging.FILE, sourceHash: sha256, displayName: Names.stackRelativeConstructPath(this),
    });
    this.bucket = s3.Bucket.fromBucketName(this, 'Bucket', location.bucketName);
    this.objectKey = location.objectKey;
    this.s3Uri = this.bucket.s3UrlForObject(this.objectKey);
  }

  /** SageMaker lists what its input begins with, and reads it. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    const { bucket, objectKey } = this;
    return objectReadGrant(grantee, bucket, bucket.arnForObjects(objectKey)).combine(iam.Grant.addToPrincipal({
      grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn], conditions: { StringEquals: { 's3:prefix': objectKey } },
    }));
  }

  private userFiles(folder: string, entryPoint: string): ArchiveFile[] {
    if (Token.isUnresolved(folder)) {
      throw new ValidationError(this, 'the folder of a script must be known at synth, got a token');
    }
    if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new ValidationError(this, `the folder of a script must exist, got '${folder}' (looked at ${path.resolve(folder)})`);
    }
    const files = filesOf(folder);
    if (!files.some((file) => file.path === entryPoint)) {
      throw new ValidationError(this, `entryPoint must be a file of the folder '${folder}', relative to it, got '${entryPoint}'`);
    }
    const size = zipSize(files);
    if (size > MOST_BYTES || !fitsZip(files)) {
      throw new ValidationError(this, `the folder of a script must have at most ${MOST_BYTES} bytes, got ${size} in '${folder}': data belong to DVC`);
    }
    return files.map((file) => ({ ...file, path: `user/${file.path}` }));
  }

  private stage(files: readonly ArchiveFile[]): { readonly fileName: string; readonly sha256: string } {
    const folder = FileSystem.mkdtemp('cdk-sagemaker-edge-');
    const file = path.join(folder, 'code.zip');
    let staging: AssetStaging | undefined;
    try {
      const sha256 = writeChunks(file, zipChunks(files));
      staging = new AssetStaging(this, 'Stage', { sourcePath: file, assetHash: sha256 });
      return { fileName: staging.relativeStagedPath(Stack.of(this)), sha256 };
    } finally {
      if (staging?.absoluteStagedPath !== file) { // with staging disabled, it is uploaded from there
        fs.rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}

/** All files of a folder but those that begin with a dot, and what Python caches. */
function filesOf(folder: string): ArchiveFile[] {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file).split(path.sep).join('/');
    return /(^|\/)(\.|__pycache__\/)/.test(name) ? [] : [{ path: name, content: fileContent(file) }];
  });
}
