import { aws_iam as iam, aws_kms as kms, aws_s3 as s3, RemovalPolicy, Stack, Token, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';
import { KEEP_OBJECTS, ownBucket } from '../../private/own-bucket';
import { validateInteger, validateText, ValidationError } from '../../private/validation';
import { EndpointCaptureMode, type EndpointDataCapture } from '../endpoint-data-capture';

/** What an endpoint configuration holds of the capture, and where it goes. */
interface BoundCapture {
  readonly bucket: s3.IBucket;
  readonly property: sagemaker.CfnEndpointConfig.DataCaptureConfigProperty;
  readonly grant: iam.Grant;
}

export function bindDataCapture(scope: Construct, role: iam.IRole, endpointName: string, capture: EndpointDataCapture): BoundCapture {
  const {
    csvContentTypes = ['text/csv'], encryptionKey, jsonContentTypes = ['application/json'], modes = Object.values(EndpointCaptureMode),
    prefix = 'data-capture', samplingPercentage = 100,
  } = capture;
  validateText(scope, 'prefix of dataCapture', prefix, {
    min: 1, max: 400, pattern: /^[a-zA-Z0-9!_.'()-]+(\/[a-zA-Z0-9!_.'()-]+)*$/,
    wanted: "path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end",
  });
  validateInteger(scope, 'samplingPercentage', samplingPercentage, 0, 100);
  if (modes.length === 0) {
    throw new ValidationError(scope, 'modes of dataCapture must be at least one, got none: leave dataCapture out to capture nothing');
  }
  validateContentTypes(scope, 'jsonContentTypes', jsonContentTypes);
  validateContentTypes(scope, 'csvContentTypes', csvContentTypes);
  const bucket = captureBucket(scope, capture);
  const key = encryptionKey ?? bucket.encryptionKey;
  return {
    bucket,
    property: {
      enableCapture: true,
      destinationS3Uri: bucket.s3UrlForObject(prefix),
      initialSamplingPercentage: samplingPercentage,
      captureOptions: [...new Set(modes)].map((captureMode) => ({ captureMode })),
      captureContentTypeHeader: { ...list('csvContentTypes', csvContentTypes), ...list('jsonContentTypes', jsonContentTypes) },
      kmsKeyId: encryptionKey?.keyArn,
    },
    grant: grantCapture(role, bucket, `${prefix}/${endpointName}/*`, key),
  };
}

/** An empty list is none: the service wants at least one. */
function list(name: string, contentTypes: readonly string[]): Record<string, string[]> {
  return contentTypes.length === 0 ? {} : { [name]: [...contentTypes] };
}

/** `JsonContentTypes` and `CsvContentTypes` of SageMaker's API. */
function validateContentTypes(scope: Construct, what: string, contentTypes: readonly string[]): void {
  if (!Token.isUnresolved(contentTypes) && contentTypes.length > 10) {
    throw new ValidationError(scope, `${what} must be at most 10, got ${contentTypes.length}`);
  }
  for (const contentType of contentTypes) {
    validateText(scope, what, contentType, {
      min: 1, max: 256, pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9.])*$/, wanted: "content types like 'application/json'",
    });
  }
}

function captureBucket(scope: Construct, { bucket, encryptionKey, removalPolicy }: EndpointDataCapture): s3.IBucket {
  if (bucket === undefined) {
    return ownBucket(scope, 'CaptureBucket', {
      encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey,
      bucketKeyEnabled: encryptionKey ? true : undefined,
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    }, KEEP_OBJECTS);
  }
  if (removalPolicy !== undefined) {
    throw new ValidationError(scope, `removalPolicy of dataCapture is for the bucket that is made by default, got '${removalPolicy}' and a bucket`);
  }
  const got = bucket.env.region;
  const wanted = Stack.of(scope).region;
  if (!Token.isUnresolved(got) && !Token.isUnresolved(wanted) && got !== wanted) {
    throw new ValidationError(scope, `bucket of dataCapture must be in the region of the endpoint, ${wanted}, got ${got}`);
  }
  return bucket;
}

function grantCapture(role: iam.IRole, bucket: s3.IBucket, keys: string, key: kms.IKeyRef | undefined): iam.Grant {
  const objects = bucket.arnForObjects(keys);
  acknowledgeWildcards(role, 'SageMaker names the files of an endpoint\'s data capture by variant and time', objects);
  const put = iam.Grant.addToPrincipal({ grantee: role, actions: ['s3:PutObject'], resourceArns: [objects] });
  return key === undefined ? put : put.combine(kms.KeyGrants.fromKey(key).actions(role, 'kms:Decrypt', 'kms:GenerateDataKey'));
}
