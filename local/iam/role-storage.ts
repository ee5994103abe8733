import {
  GetBucketLocationCommand, GetObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client, S3ServiceException, type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { STSServiceException } from '@aws-sdk/client-sts';
import { ACCOUNT, PARTITION, roleName } from '../service/account';
import { StorageError, type RoleStorage, type SessionRegister } from '../service/contracts';
import type { RoleSessions } from './role-sessions';

const SESSION = 'SageMaker';

/** S3 with a job's own execution role, as the service has it. */
export class EmulatorStorage implements RoleStorage {
  /** `callers`: is told each session, for a log that names who calls. */
  public constructor(
    private readonly sessions: Pick<RoleSessions, 'during'>, private readonly s3: Omit<S3ClientConfig, 'credentials'>,
    private readonly callers?: SessionRegister,
  ) {}

  public async read(roleArn: string, bucket: string, key: string): Promise<Buffer> {
    return this.as(roleArn, async (s3) => {
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Buffer.from(await body?.transformToByteArray() ?? []);
    });
  }

  public async write(
    roleArn: string, bucket: string, key: string, body: Buffer, options: { readonly kmsKeyId?: string } = {},
  ): Promise<void> {
    const encryption = options.kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: options.kmsKeyId };
    await this.as(roleArn, async (s3) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...encryption })));
  }

  public async list(roleArn: string, bucket: string, prefix: string): Promise<readonly string[]> {
    return this.as(roleArn, async (client) => {
      const keys: string[] = [];
      for await (const { Contents: contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        keys.push(...contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
      }
      return keys;
    });
  }

  public async bucketRegion(roleArn: string, bucket: string): Promise<string> {
    return this.as(roleArn, async (s3) => {
      const { LocationConstraint: location } = await s3.send(new GetBucketLocationCommand({ Bucket: bucket }));
      if (location === undefined) {
        return 'us-east-1';
      }
      return location === 'EU' ? 'eu-west-1' : location;
    });
  }

  private async as<T>(roleArn: string, work: (s3: S3Client) => Promise<T>): Promise<T> {
    try {
      return await this.sessions.during(roleArn, { sessionName: SESSION }, async ({ credentials, effectiveRoleArn, expiration }) => {
        const arn = `arn:${PARTITION}:sts::${ACCOUNT}:assumed-role/${roleName(roleArn)}/${SESSION}`;
        const caller = { arn, roleArn: effectiveRoleArn, isRoot: false };
        this.callers?.register(credentials.accessKeyId, { ...credentials, expiration, caller });
        const client = new S3Client({ ...this.s3, credentials, forcePathStyle: true });
        try {
          return await work(client);
        } finally {
          client.destroy();
        }
      });
    } catch (error) {
      if (error instanceof S3ServiceException || error instanceof STSServiceException) {
        throw new StorageError(error.name, error.message);
      }
      throw error;
    }
  }
}
