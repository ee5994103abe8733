import {
  aws_iam as iam, aws_lambda as lambda, aws_logs as logs, aws_s3 as s3, CustomResource, custom_resources as cr, Duration, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DeviceManifestProperties } from './manifest-contract';
import { handlerCode } from '../../private/handler-asset';

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

/** Where a machine says once how its setup went, apart from the one that it takes the place of. */
export function setupReportKey(thingName: string, instanceId: string): string {
  return `reports/${thingName}/${instanceId}/report.json`;
}

/**
 * What the simulated devices of a stack share: a bucket for their manifests and reports, and the provider that writes
 * the one and waits for the other. The bucket holds nothing that a deployment does not write anew, so it goes with
 * the stack.
 */
export class DeviceProvider extends Construct {
  public static getOrCreate(scope: Construct): DeviceProvider {
    const stack = Stack.of(scope);
    const uid = 'cdk-sagemaker-edge.DeviceProvider'; // part of the upgrade contract: a new id replaces every custom resource
    return stack.node.tryFindChild(uid) as DeviceProvider | undefined ?? new DeviceProvider(stack, uid);
  }

  public readonly bucket: s3.Bucket;
  private readonly serviceToken: string;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true, encryption: s3.BucketEncryption.S3_MANAGED,
      removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true,
    });
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Handler of cdk-sagemaker-edge for the manifests of simulated devices',
    });
    logGroup.grantWrite(role);
    const every = deviceKeys('*'); // device of the stack: a statement for each would not fit into a role's policies
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:PutObject', 's3:DeleteObject'], resources: [this.bucket.arnForObjects(every.manifest)] }));
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject', 's3:DeleteObject'], resources: [this.bucket.arnForObjects(every.report)] }));
    // Without it, S3 answers "access denied" of a report that is not there yet.
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }));
    const handler = new lambda.Function(this, 'Handler', {
      code: handlerCode('device'), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X, role, logGroup, memorySize: 256,
      timeout: Duration.minutes(1), description: 'cdk-sagemaker-edge: writes the manifests of simulated devices, and waits for their reports',
    });
    const provider = new cr.Provider(this, 'Provider', {
      onEventHandler: handler, isCompleteHandler: handler, logGroup, queryInterval: Duration.seconds(5), totalTimeout: Duration.hours(1),
    });
    this.serviceToken = provider.serviceToken;
  }

  /** The manifest of a device: complete when the device reports that it serves exactly this. */
  public manifestResource(scope: Construct, thingName: string, manifest: string, timeout: Duration, reportKey?: string): CustomResource {
    const keys = deviceKeys(thingName);
    const resource = new CustomResource(scope, 'Manifest', {
      resourceType: 'Custom::SageMakerEdge-DeviceManifest',
      serviceToken: this.serviceToken,
      serviceTimeout: timeout.plus(Duration.minutes(4)), // the handler's own message comes first
      properties: {
        BucketName: this.bucket.bucketName, ManifestKey: keys.manifest, ReportKey: reportKey ?? keys.report, Manifest: manifest,
        TimeoutSeconds: String(timeout.toSeconds()),
      } satisfies DeviceManifestProperties,
    });
    resource.node.addDependency(this); // its Delete comes while the handler's rights are still there
    return resource;
  }
}
