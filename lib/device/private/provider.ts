import { aws_iam as iam, Duration, RemovalPolicy, type aws_iot as iot, type aws_s3 as s3, type CustomResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { identifyBy } from '../../identity/private/logical-ids';
import { HandlerProvider } from '../../private/handler-provider';
import { inStack } from '../../private/in-stack';
import { shortHash } from '../../private/naming';
import { ownBucket } from '../../private/own-bucket';
import { claim } from '../../private/physical-names';
import { literalThingName } from '../../private/thing-name';
import { ValidationError } from '../../private/validation';
import type { DeviceManifestProperties, DeviceManifestType } from './manifest-contract';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';

/** Where a device finds its manifest, leaves its report, and takes inputs from. */
export interface DeviceKeys {
  readonly manifest: string;
  readonly report: string;
  /** With a slash at its end. */
  readonly inputs: string;
}

export function deviceKeys(thingName: string): DeviceKeys {
  return { manifest: `manifests/${thingName}/manifest.json`, report: `reports/${thingName}/report.json`, inputs: `inputs/${thingName}/` };
}

/** Rights on the KMS key of a bucket, if it has one. */
export function keyRights({ encryptionKey }: s3.IBucket, ...actions: string[]): iam.PolicyStatement[] {
  return encryptionKey ? [new iam.PolicyStatement({ actions, resources: [encryptionKey.keyArn] })] : [];
}

const OF_ALL = 'the manifests and reports of all simulated devices of the stack';

/** The manifest of a machine. */
export interface ManifestOptions {
  readonly thing: iot.IThingRef;
  readonly bucket: s3.IBucket;
  /** JSON. */
  readonly manifest: string;
  /** How long the machine may take until it is ready. */
  readonly timeout: Duration;
  /**
   * Where the machine reports.
   *
   * @default - the report of the device
   */
  readonly reportKey?: string;
}

/** Where a machine says once how its setup went, apart from the one that it takes the place of. */
export function setupReportKey(thingName: string, instanceId: string): string {
  return `reports/${thingName}/${instanceId}/report.json`;
}

/**
 * What the simulated devices of a stack share: a bucket for their manifests and reports, and the provider that writes
 * the one and waits for the other. The bucket holds nothing that a deployment does not write anew, so it goes with
 * the stack.
 */
export class DeviceProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): DeviceProvider {
    return inStack(scope, 'cdk-sagemaker-edge.DeviceProvider', (stack, uid) => new DeviceProvider(stack, uid));
  }

  private readonly used = new Set<s3.IBucket>();
  private own?: s3.Bucket;

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'device',
      purpose: 'the manifests of simulated devices',
      description: 'writes the manifests of simulated devices, and waits for their reports',
    });
  }

  /** The bucket of a machine: the given one, or that of the stack. The handler has its rights on it. */
  public bucketFor(given: s3.IBucket | undefined): s3.IBucket {
    const bucket = given ?? this.stackBucket();
    if (!this.used.has(bucket)) {
      this.used.add(bucket);
      this.grantOnObjects(bucket);
    }
    return bucket;
  }

  private stackBucket(): s3.Bucket {
    this.own ??= ownBucket(this, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY },
      'each deployment writes them anew; put the simulated devices into a stack of their own, which RemovalPolicies leaves alone');
    return this.own;
  }

  /** The manifest of a device: complete when the device reports that it serves exactly this. */
  public manifestResource(scope: Construct, { thing, bucket, manifest, timeout, reportKey }: ManifestOptions): CustomResource {
    const { thingName } = thing.thingRef;
    const keys = deviceKeys(thingName);
    const resource = this.customResource(scope, 'Manifest', {
      resourceType: 'Custom::SageMakerEdge-DeviceManifest' satisfies DeviceManifestType,
      serviceTimeout: timeout.plus(Duration.minutes(4)), // the handler's own message comes first
      properties: {
        BucketName: bucket.bucketName, ManifestKey: keys.manifest, ReportKey: reportKey ?? keys.report, Manifest: manifest,
        TimeoutSeconds: String(timeout.toSeconds()),
      } satisfies DeviceManifestProperties,
    });
    const name = literalThingName(thing);
    const other = name === undefined ? undefined : claim({ owner: scope, kind: `machine in ${this.node.addr}`, name, place: scope });
    if (other !== undefined) {
      throw new ValidationError(scope, `a device must have one machine in a stack, got a second one for '${name ?? ''}', beside ${other.node.path}`);
    }
    // Were it another resource when the construct is renamed, the Delete of the one before would take the manifest of the new machine.
    identifyBy(resource, 'DeviceManifest', name);
    resource.node.addDependency(this, bucket); // its Delete comes while the handler's rights are still there
    return resource;
  }

  /** Grants on the objects of every device of the stack: a statement for each would not fit into a role's policies. */
  private grantOnObjects(bucket: s3.IBucket): void {
    const { manifest, report } = deviceKeys('*');
    const [manifests, reports] = [bucket.arnForObjects(manifest), bucket.arnForObjects(report)];
    const statements = [
      new iam.PolicyStatement({ actions: ['s3:PutObject', 's3:DeleteObject'], resources: [manifests] }),
      new iam.PolicyStatement({ actions: ['s3:GetObject', 's3:DeleteObject'], resources: [reports] }),
      // Without it, S3 answers "access denied" of a report that is not there yet.
      new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    ];
    if (bucket === this.own) {
      acknowledgeWildcards(this.rights, OF_ALL, manifests, reports);
      this.rights.addStatements(...statements);
      return;
    }
    // A policy of its own, which is deleted late: a machine that gets another bucket leaves this one.
    const rights = this.grantOnce(this, `BucketRights${shortHash(bucket.node.addr)}`, ...statements, ...keyRights(bucket, 'kms:Decrypt', 'kms:GenerateDataKey'));
    acknowledgeWildcards(rights, OF_ALL, manifests, reports);
  }
}
