import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { ObjectClient } from '../../../lambda/device/dependencies';

/** A bucket in memory; a call that `fail` names rejects with that S3 error. */
export class FakeObjects implements ObjectClient {
  private readonly objects = new Map<string, string>();
  private failing?: { readonly call: keyof ObjectClient; readonly name: string };

  public getText = ({ Key = '' }: { Key?: string }): Promise<string> => this.call('getText', () => {
    const text = this.objects.get(Key);
    if (text === undefined) {
      throw s3Error('NoSuchKey');
    }
    return text;
  });

  public putObject = ({ Key = '', Body }: PutObjectCommandInput) => this.call('putObject', () => {
    if (typeof Body !== 'string') {
      throw new Error('the handler writes text');
    }
    this.objects.set(Key, Body);
    return { $metadata: {} };
  });

  public deleteObject = ({ Key = '' }: { Key?: string }) => this.call('deleteObject', () => {
    this.objects.delete(Key);
    return { $metadata: {} };
  });

  public fail(call: keyof ObjectClient, name: string): void { this.failing = { call, name }; }
  public write(key: string, text: string): void { this.objects.set(key, text); }
  public text(key: string): string | undefined { return this.objects.get(key); }
  public keys(): string[] { return [...this.objects.keys()]; }

  private call<T>(name: keyof ObjectClient, action: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.failing?.call === name) {
        throw s3Error(this.failing.name);
      }
      return action();
    });
  }
}

export function manifestText(version = '1.0'): string {
  return JSON.stringify({
    format: 'cdk-sagemaker-edge/device-1',
    instanceId: 'i-1',
    thingName: 'camera',
    models: [{ name: 'reader', version }],
  });
}

/** A whole event as CloudFormation sends it. */
export function newEvent(type: 'Create' | 'Update' | 'Delete', manifest: string, oldManifest = manifest) {
  const properties = (text: string) => ({
    ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:framework',
    BucketName: 'devices',
    ManifestKey: 'manifests/camera/manifest.json',
    ReportKey: 'reports/camera/report.json',
    Manifest: text,
    TimeoutSeconds: '600',
  });
  return {
    RequestType: type, ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:framework', ResponseURL: 'https://127.0.0.1/answer',
    StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/edge/1', RequestId: 'request-1', LogicalResourceId: 'DeviceManifest',
    ResourceType: 'Custom::SageMakerEdge-DeviceManifest', ResourceProperties: properties(manifest),
    ...type === 'Create' ? {} : { PhysicalResourceId: 'devices/camera' },
    ...type === 'Update' ? { OldResourceProperties: properties(oldManifest) } : {},
  };
}

function s3Error(name: string): Error {
  return Object.assign(new Error(name), { name });
}
