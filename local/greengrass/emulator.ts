import { ListThingsInThingGroupCommand, type IoTClient } from '@aws-sdk/client-iot';
import { GetObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { PARTITION } from '../service/account';
import { StorageError, type Caller, type CallerAuthority, type RoleStorage } from '../service/contracts';
import { deniedText } from '../service/errors';
import type { ArtifactReader, ThingRegistry } from './contracts';

/** Artifacts in the emulator's S3, with the rights of whoever creates a component. */
export class EmulatorArtifacts implements ArtifactReader {
  public constructor(
    private readonly root: S3Client, private readonly roles: Pick<RoleStorage, 'read'>,
    private readonly authority: Pick<CallerAuthority, 'authorize'>,
  ) {}

  public async read(caller: Caller, bucket: string, key: string): Promise<Buffer> {
    const { roleArn, sessionPolicies } = caller;
    const object = `arn:${PARTITION}:s3:::${bucket}/${key}`;
    if (!caller.isRoot && (roleArn === undefined || sessionPolicies) && !await this.authority.authorize(caller, 's3:GetObject', object)) {
      throw new StorageError('AccessDenied', deniedText(caller.arn, 's3:GetObject', object));
    }
    if (roleArn !== undefined) {
      return this.roles.read(roleArn, bucket, key);
    }
    try {
      const { Body: body } = await this.root.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Buffer.from(await body?.transformToByteArray() ?? []);
    } catch (error) {
      if (error instanceof S3ServiceException) {
        throw new StorageError(error.name, error.message);
      }
      throw error;
    }
  }
}

/** Thing groups of the emulator's IoT. */
export class EmulatorThings implements ThingRegistry {
  public constructor(private readonly iot: IoTClient) {}

  public async membersOf(thingGroupName: string): Promise<readonly string[] | undefined> {
    try {
      const { things = [] } = await this.iot.send(new ListThingsInThingGroupCommand({ thingGroupName }));
      return things;
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') {
        return undefined;
      }
      throw error;
    }
  }
}
