import {
  ArnFormat, aws_iam as iam, aws_kinesisfirehose as firehose, Stack, type aws_s3 as s3, type Duration, type RemovalPolicy,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';
import { KEEP_OBJECTS, ownBucket } from '../../private/own-bucket';

const PREFIX = 'reports/';
const ERROR_PREFIX = 'errors/';
/** Firehose's longest, and a size that makes few objects. */
const BUFFER_SECONDS = 900;
const BUFFER_MIB = 64;

interface HealthHistoryProps {
  readonly expiration: Duration;
  readonly removalPolicy: RemovalPolicy;
  readonly bufferSeconds?: number;
}

/** All reports, as JSON lines in a bucket, by hour. */
export class HealthHistory extends Construct {
  public readonly bucket: s3.Bucket;
  public readonly streamName: string;
  public readonly streamArn: string;

  public constructor(scope: Construct, id: string, { expiration, removalPolicy, bufferSeconds = BUFFER_SECONDS }: HealthHistoryProps) {
    super(scope, id);
    this.bucket = ownBucket(this, 'Bucket', { removalPolicy, lifecycleRules: [{ id: 'history', expiration }] }, KEEP_OBJECTS);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('firehose.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'cdk-sagemaker-edge: writes the history of the health of a fleet',
    });
    const objects = this.bucket.arnForObjects('*');
    // https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
    const rights = new iam.Policy(this, 'Rights', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'], resources: [objects] }),
        new iam.PolicyStatement({
          actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], resources: [this.bucket.bucketArn],
        }),
      ],
    });
    acknowledgeWildcards(rights, 'Firehose names the objects of the history by the time', objects);
    const stream = new firehose.CfnDeliveryStream(this, 'Stream', {
      deliveryStreamType: 'DirectPut',
      deliveryStreamEncryptionConfigurationInput: { keyType: 'AWS_OWNED_CMK' },
      extendedS3DestinationConfiguration: {
        bucketArn: this.bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: `${PREFIX}!{timestamp:yyyy/MM/dd/HH}/`,
        errorOutputPrefix: `${ERROR_PREFIX}!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/`,
        bufferingHints: { intervalInSeconds: bufferSeconds, sizeInMBs: BUFFER_MIB },
        compressionFormat: 'GZIP',
      },
    });
    stream.node.addDependency(rights);
    this.streamName = stream.ref;
    this.streamArn = Stack.of(this).formatArn({
      service: 'firehose', resource: 'deliverystream', resourceName: this.streamName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
