import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_ec2 as ec2, aws_s3_assets as assets, type aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { assetPath } from '../../private/assets';
import { objectReadGrant } from '../../private/object-read-grant';

/** An agent release that is bound to a construct. */
export interface AgentReleaseConfig {
  readonly bucket: s3.IBucket;
  readonly objectKey: string;
  readonly s3Uri: string;
  /** The digest of the archive, if it is known at synth. */
  readonly sha256?: string;
  /** The SHA-256 of each file by its path, if the archive is made of a folder when assets are published. */
  readonly files?: Record<string, string>;
  /** Grant read access to the archive. */
  grantRead(grantee: iam.IGrantable): iam.Grant;
}

/** A local archive whose digest is known. */
export interface KnownArchive {
  readonly path: string;
  /** The SHA-256 of the archive, in lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** The bundled release for an architecture. The build has taken its digest, so that a synth need not read tens of megabytes. */
export function bundledAgent(architecture: ec2.InstanceArchitecture): KnownArchive {
  const digestsFile = assetPath('agent', 'digests.json');
  const file = architecture === ec2.InstanceArchitecture.ARM_64 ? 'agent-linux-arm64.zip' : 'agent-linux-x64.zip';
  const digests = JSON.parse(fs.readFileSync(digestsFile, 'utf8')) as Record<string, string | undefined>;
  const sha256 = digests[file];
  if (sha256 === undefined) {
    throw new Error(`${digestsFile} has no digest of ${file}: run 'npm run build:assets' in a checkout; a published package that lacks it is broken`);
  }
  return { path: path.join(path.dirname(digestsFile), file), sha256 };
}

/** The program that sets a device up and looks after it. */
export class BootstrapAsset extends Construct {
  public readonly s3Uri: string;
  public readonly sha256: string;
  private readonly asset: assets.Asset;

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const file = assetPath('bootstrap', 'bootstrap.js');
    this.sha256 = fileDigest(file);
    this.asset = new assets.Asset(this, 'Asset', { path: file });
    this.s3Uri = this.asset.s3ObjectUrl;
  }

  /** Grant read access to the program. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return objectReadGrant(grantee, this.asset.bucket, this.asset.bucket.arnForObjects(this.asset.s3ObjectKey));
  }
}

/** The SHA-256 of a file, in lower-case hexadecimal digits. */
export function fileDigest(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}
