import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_ec2 as ec2, aws_s3_assets as assets, type aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { objectReadGrant } from '../../private/object-read-grant';

/** What is prebuilt for devices, beside the handlers. lib/ and dist/ are equally deep, so one path serves sources and package. */
const ASSETS = path.join(__dirname, '..', '..', '..', 'assets');

/** An agent release that a construct has made its own. */
export interface AgentReleaseConfig {
  readonly bucket: s3.IBucket;
  readonly objectKey: string;
  readonly s3Uri: string;
  /** Of the archive, where it is known at synth. */
  readonly sha256?: string;
  /** Path to SHA-256, where the archive is made of a folder while it is published. */
  readonly files?: Record<string, string>;
  /** This one object. */
  grantRead(grantee: iam.IGrantable): iam.Grant;
}

/** An archive on disk whose digest is known. */
export interface KnownArchive {
  readonly path: string;
  /** Of its bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

/** The agent's own release for an architecture. Its digest was taken when it was made: tens of megabytes that a synth need not read. */
export function bundledAgent(architecture: ec2.InstanceArchitecture): KnownArchive {
  const folder = existing(path.join(ASSETS, 'agent'), 'digests.json', 'npm run build:assets');
  const file = architecture === ec2.InstanceArchitecture.ARM_64 ? 'agent-linux-arm64.zip' : 'agent-linux-x64.zip';
  const digests = JSON.parse(fs.readFileSync(path.join(folder, 'digests.json'), 'utf8')) as Record<string, string | undefined>;
  const sha256 = digests[file];
  if (sha256 === undefined) { throw new Error(`${path.join(folder, 'digests.json')} has no digest of ${file}: run 'npm run build:assets' in a checkout; a published package that lacks it is broken`); }
  return { path: path.join(folder, file), sha256 };
}

/** The program that sets a device up and looks after it. */
export class BootstrapAsset extends Construct {
  public readonly s3Uri: string;
  public readonly sha256: string;
  private readonly asset: assets.Asset;

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const file = path.join(existing(path.join(ASSETS, 'bootstrap'), 'bootstrap.js', 'npm run build:assets'), 'bootstrap.js');
    this.sha256 = fileDigest(file);
    this.asset = new assets.Asset(this, 'Asset', { path: file });
    this.s3Uri = this.asset.s3ObjectUrl;
  }

  /** This one object. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return objectReadGrant(grantee, this.asset.bucket, this.asset.bucket.arnForObjects(this.asset.s3ObjectKey));
  }
}

/** SHA-256 of a file, lower-case hexadecimal. */
export function fileDigest(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

function existing(folder: string, file: string, command: string): string {
  if (!fs.existsSync(path.join(folder, file))) {
    throw new Error(`${path.join(folder, file)} is missing: run '${command}' in a checkout; a published package that lacks it is broken`);
  }
  return folder;
}
