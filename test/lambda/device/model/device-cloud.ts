import { createHash } from 'node:crypto';
import type { ObjectClient } from '../../../../lambda/device/dependencies';
import { LIMITS } from '../../../../lambda/device/limits';
import { RESOURCES } from '../../../../lambda/device/resources';
import { handle } from '../../../../lambda/shared/handle';
import { HandlerFunction, type ResourceType } from '../../cloudformation/handler-function';
import type { Live } from '../../cloudformation/stack-model';
import { Fields } from '../../cloudformation/template';
import { FakeObjects } from '../../greengrass/model/fake-objects';
import { bucketTypes } from '../../greengrass/model/native';
import { fail } from '../../identity/model/fault';
import { IdentityCloud, type Extension } from '../../identity/model/identity-cloud';
import { NativeType } from '../../identity/model/native';

const SEEN_AFTER = 3_000;

/**
 * A stack of simulated devices over the real handlers, those of identity included. Each device does what its manifest
 * says, and reports.
 */
export class DeviceCloud implements Extension {
  public readonly cloud: IdentityCloud;
  /** How long a device takes. */
  public takes = 1_000;
  /** What a device fails of: a part of its manifest's text. */
  public fails: string | undefined;
  private readonly objects = new FakeObjects();
  /** When a manifest was written that is another than before. */
  private readonly written = new Map<string, number>();
  private readonly handler: HandlerFunction;
  private readonly types: ReadonlyMap<string, ResourceType>;

  /** The cloud. */
  public static make(): DeviceCloud {
    return IdentityCloud.extended((identity) => new DeviceCloud(identity));
  }

  private constructor(cloud: IdentityCloud) {
    this.cloud = cloud;
    const { time } = cloud;
    const dependencies = { objects: this.api(), now: () => time.now };
    this.handler = new HandlerFunction(time, (event) => handle(RESOURCES, dependencies, event), LIMITS);
    this.types = new Map(Object.entries(bucketTypes(this.objects)).map(([type, native]): [string, ResourceType] => [
      type,
      new NativeType(time, (logicalId) => cloud.duration(logicalId), native),
    ]));
  }

  /** What must not be. */
  public faults(): string[] {
    return [...this.cloud.faults(), ...this.handler.faults()];
  }

  public resourceType(type: string): ResourceType | undefined {
    if (type !== 'Custom::SageMakerEdge-DeviceManifest') {
      return this.types.get(type);
    }
    return {
      native: false,
      // Known limit: an update that Lambda delivers twice, of which the device has heard before the second, is not waited for.
      send: (event, mishaps) => this.handler.send(event, event.RequestType === 'Update' ? { ...mishaps, twice: false } : mishaps),
    };
  }

  public state(): string[] {
    const live = this.manifests().map(({ properties }) => `${String(properties.BucketName)}/${String(properties.ReportKey)}`);
    const names = new Set([...this.cloud.stack.live.values()].map(({ id }) => id));
    return [...this.objects.buckets].filter(([bucket]) => bucket.includes('DeviceProvider')).flatMap(([bucket, keys]) => [
      ...names.has(bucket) ? [] : [`bucket ${bucket}`],
      ...[...keys].filter(([key]) => !live.includes(`${bucket}/${key}`)).map(
        ([key, text]) => `object ${bucket}/${key} says ${hashOf(text)}`,
      ),
    ]);
  }

  public expected({ type, properties }: Live): string[] {
    const fields = new Fields(properties);
    if (type !== 'Custom::SageMakerEdge-DeviceManifest') {
      return [];
    }
    return [`object ${fields.get('BucketName')}/${fields.get('ManifestKey')} says ${hashOf(fields.get('Manifest'))}`];
  }

  private manifests(): Live[] {
    return [...this.cloud.stack.live.values()].filter(({ type }) => type === 'Custom::SageMakerEdge-DeviceManifest');
  }

  /** What the handler sees of S3. */
  private api(): ObjectClient {
    const { line, time } = this.cloud;
    const $metadata = {};
    return {
      getText: ({ Bucket = '', Key = '' }) => line.call('getText', () => {
        this.report(Bucket, Key);
        const text = this.objects.bucket(Bucket).get(Key);
        if (text === undefined) {
          throw fail('NoSuchKey', 'The specified key does not exist.', 404);
        }
        return text;
      }),
      putObject: ({ Bucket = '', Key = '', Body }) => line.call('putObject', () => {
        const bucket = this.objects.bucket(Bucket);
        if (typeof Body !== 'string') {
          throw new Error('the handler writes text');
        }
        if (bucket.get(Key) !== Body) {
          this.written.set(`${Bucket}/${Key}`, time.now);
        }
        bucket.set(Key, Body);
        return { $metadata };
      }),
      deleteObject: ({ Bucket = '', Key = '' }) => line.call('deleteObject', () => {
        this.objects.bucket(Bucket).delete(Key);
        return { $metadata };
      }),
    };
  }

  /** What the device says by now of the manifest that is there. */
  private report(bucket: string, reportKey: string): void {
    const manifestKey = reportKey.replace(/^reports\/(.*)\/report\.json$/, 'manifests/$1/manifest.json');
    const text = this.objects.bucket(bucket).get(manifestKey);
    const at = this.written.get(`${bucket}/${manifestKey}`) ?? 0;
    if (text === undefined || this.cloud.time.now < at + SEEN_AFTER) {
      return;
    }
    const final = this.fails !== undefined && text.includes(this.fails) ? 'FAILED' : 'READY';
    const status = this.cloud.time.now < at + SEEN_AFTER + this.takes ? 'APPLYING' : final;
    const instanceId = Fields.of(JSON.parse(text)).get('instanceId');
    this.objects.bucket(bucket).set(reportKey, JSON.stringify({
      manifestHash: hashOf(text),
      instanceId,
      status,
      message: 'so it is',
      models: [],
    }));
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
