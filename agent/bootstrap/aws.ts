import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { httpStatusOf } from '../error-text';
import type { ObjectStore, SecretStore } from './contracts';

/** S3 with the machine's own credentials. */
export class S3Objects implements ObjectStore {
  private readonly client = new S3Client({});

  public async readIfChanged(bucket: string, key: string, etag: string | undefined): ReturnType<ObjectStore['readIfChanged']> {
    try {
      const { Body, ETag } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfNoneMatch: etag }));
      if (Body === undefined || ETag === undefined) {
        throw new Error('S3 answered without body or ETag');
      }
      return { state: 'changed', body: Buffer.from(await Body.transformToByteArray()), etag: ETag };
    } catch (error) {
      const status = httpStatusOf(error);
      if (status === 304) {
        return { state: 'unchanged' };
      }
      if (status === 404 || status === 403) {
        return { state: 'missing' };
      }
      throw error;
    }
  }

  public async write(bucket: string, key: string, text: string): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: 'application/json' }));
  }

  public async download(bucket: string, key: string, file: string): Promise<void> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (Body === undefined) {
      throw new Error('S3 answered without a body');
    }
    await pipeline(Body.transformToWebStream(), createWriteStream(file));
  }
}

/** Secrets Manager with the machine's own credentials. */
export class AwsSecrets implements SecretStore {
  private readonly client = new SecretsManagerClient({});

  public async read(secretArn: string): Promise<string> {
    const { SecretString } = await this.client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    if (SecretString === undefined) {
      throw new Error('the secret holds no text');
    }
    return SecretString;
  }
}
