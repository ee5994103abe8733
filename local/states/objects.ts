import { CopyObjectCommand, GetObjectCommand, PutObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { TaskError, taskError, withoutMetadata } from './task-error';

/** The errors that S3's model names for these operations. All others are of one class. */
const MODELLED = ['NoSuchKey', 'InvalidObjectState', 'InvalidRequest', 'ObjectNotInActiveTierError'];

type Input = Readonly<Record<string, unknown>>;

/** The calls of S3 that a state machine makes by `aws-sdk:s3:…`. Members that nobody here has asked for yet are refused. */
export async function objectCall(s3: S3Client, operation: 'getObject' | 'putObject' | 'copyObject', input: Input): Promise<object> {
  try {
    switch (operation) {
      case 'getObject': return await get(s3, input);
      case 'putObject': return await put(s3, input);
      case 'copyObject': return await copy(s3, input);
    }
  } catch (error) {
    if (error instanceof S3ServiceException) {
      throw taskError('S3', 'S3Exception', error, MODELLED);
    }
    throw error;
  }
}

async function get(s3: S3Client, input: Input): Promise<object> {
  demandOnly(input, 'Bucket', 'Key', 'VersionId');
  const [Bucket, Key, VersionId] = [text(input, 'Bucket'), text(input, 'Key'), optionalText(input, 'VersionId')];
  const { Body, ...rest } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return { ...withoutMetadata(rest), Body: await Body?.transformToString() ?? '' };
}

/** Step Functions writes a body as JSON, a text in quotes as well. */
async function put(s3: S3Client, input: Input): Promise<object> {
  demandOnly(input, 'Bucket', 'Key', 'Body', 'ContentType');
  const [Bucket, Key, ContentType] = [text(input, 'Bucket'), text(input, 'Key'), optionalText(input, 'ContentType')];
  return withoutMetadata(await s3.send(new PutObjectCommand({ Bucket, Key, ContentType, Body: JSON.stringify(input.Body ?? '') })));
}

async function copy(s3: S3Client, input: Input): Promise<object> {
  demandOnly(input, 'Bucket', 'Key', 'CopySource');
  const [Bucket, Key, CopySource] = [text(input, 'Bucket'), text(input, 'Key'), text(input, 'CopySource')];
  return withoutMetadata(await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource })));
}

function demandOnly(input: Input, ...known: readonly string[]): void {
  const other = Object.keys(input).find((name) => !known.includes(name));
  if (other !== undefined) {
    throw new TaskError('States.Runtime', `The field '${other}' is none that the local cloud knows: ${known.join(', ')}`);
  }
}

function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined) {
    throw new TaskError('States.Runtime', `The field '${name}' is required, and must be a text`);
  }
  return value;
}

function optionalText(input: Input, name: string): string | undefined {
  const { [name]: value } = input;
  return typeof value === 'string' ? value : undefined;
}
