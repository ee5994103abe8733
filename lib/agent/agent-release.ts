import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_s3_assets as assets, type aws_ec2 as ec2, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { bundledAgent, fileDigest, type AgentReleaseConfig } from './private/release-asset';
import { shortHash } from '../private/naming';
import { objectReadGrant } from '../private/object-read-grant';
import { validateText, ValidationError } from '../private/validation';

/** A release of the edge agent, which runs models on a device: an archive with `agent.js` at its root. */
export abstract class AgentRelease {
  /** Use the release that comes with this version of the library, for x86_64 and arm64. */
  public static bundled(): AgentRelease {
    return new BundledRelease();
  }

  /**
   * Use a local release: a folder or an archive (`.zip`, `.tar.gz`, `.tgz`). It must support the architecture of the
   * device. Nothing checks that before the device does.
   *
   * @param path the path of the folder or archive, relative to the working directory
   */
  public static fromAsset(path: string): AgentRelease {
    return new AssetRelease(path);
  }

  /**
   * Use an existing archive in S3: a zip or a tar.gz.
   *
   * @param bucket the bucket of the archive
   * @param key the key of the archive
   * @param sha256 the SHA-256 of the archive: 64 lower-case hexadecimal digits. A device refuses an archive with another digest
   */
  public static fromBucket(bucket: s3.IBucket, key: string, sha256: string): AgentRelease {
    return new BucketRelease(bucket, key, sha256);
  }

  /** Bind the archive for an architecture to a construct. Call it once for each construct.
   * @internal */
  public abstract _bind(scope: Construct, architecture: ec2.InstanceArchitecture): AgentReleaseConfig;
}

class BundledRelease extends AgentRelease {
  public _bind(scope: Construct, architecture: ec2.InstanceArchitecture): AgentReleaseConfig {
    const { path, sha256 } = bundledAgent(architecture);
    return bindAsset(scope, path, { sha256 });
  }
}

class AssetRelease extends AgentRelease {
  public constructor(private readonly path: string) {
    super();
  }

  public _bind(scope: Construct): AgentReleaseConfig {
    const { path: source } = this;
    const stats = fs.statSync(source, { throwIfNoEntry: false });
    if (stats === undefined) {
      throw new ValidationError(scope, `agent release must be a folder or an archive, got '${source}', which does not exist`);
    }
    return bindAsset(scope, source, stats.isDirectory() ? folderDigests(scope, source) : { sha256: archiveDigest(scope, source) });
  }
}

class BucketRelease extends AgentRelease {
  public constructor(private readonly bucket: s3.IBucket, private readonly key: string, private readonly sha256: string) {
    super();
  }

  public _bind(scope: Construct): AgentReleaseConfig {
    const { bucket, key, sha256 } = this;
    validateText(scope, 'key of an agent release', key, {
      min: 1, max: 1024, pattern: /^[^/]/, wanted: "a key that does not begin with '/'",
    });
    validateText(scope, 'sha256 of an agent release', sha256, {
      pattern: /^[0-9a-f]{64}$/, wanted: 'a SHA-256 of 64 lower-case hexadecimal digits',
    });
    return {
      bucket, objectKey: key, s3Uri: bucket.s3UrlForObject(key), sha256,
      grantRead: (grantee) => objectReadGrant(grantee, bucket, bucket.arnForObjects(key)),
    };
  }
}

/** Upload a release. Its known digests serve as the hash of the asset, so that the content is not hashed again. */
function bindAsset(scope: Construct, source: string, digests: Pick<AgentReleaseConfig, 'sha256' | 'files'>): AgentReleaseConfig {
  const assetHash = digests.sha256 ?? shortHash(JSON.stringify(digests), 64);
  const { bucket, s3ObjectKey, s3ObjectUrl } = new assets.Asset(scope, 'AgentRelease', { path: source, assetHash });
  return {
    bucket, objectKey: s3ObjectKey, s3Uri: s3ObjectUrl, ...digests,
    grantRead: (grantee) => objectReadGrant(grantee, bucket, bucket.arnForObjects(s3ObjectKey)),
  };
}

function folderDigests(scope: Construct, folder: string): { files: Record<string, string> } {
  const files: Record<string, string> = {};
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) {
      throw new ValidationError(scope, `agent release must hold no links, got '${file}'`);
    }
    if (entry.isFile()) {
      files[path.relative(folder, file).split(path.sep).join('/')] = fileDigest(file);
    }
  }
  if (!('agent.js' in files)) {
    throw new ValidationError(scope, `agent release must have agent.js at its root, got '${folder}' without it`);
  }
  return { files };
}

function archiveDigest(scope: Construct, file: string): string {
  validateText(scope, 'agent release', file, {
    pattern: /\.(zip|tar\.gz|tgz)$/, wanted: "a folder or an archive that ends with '.zip', '.tar.gz' or '.tgz'",
  });
  return fileDigest(file);
}
