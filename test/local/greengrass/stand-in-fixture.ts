import { GreengrassV2Client } from '@aws-sdk/client-greengrassv2';
import { startGreengrassStandIn } from '../../../local/greengrass/server';
import type { RunningServer } from '../../../local/service/http-server';
import { StorageError, UnknownCallerError, type Caller, type KnownCaller, type RequestLogEntry } from '../../../local/service/contracts';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const GROUP_ARN = `arn:aws:iot:${REGION}:${ACCOUNT}:thinggroup/fleet`;
export const HANDLER_KEY = 'ASIAHANDLER00001';
export const CONTROL_TOKEN = 'token-of-the-test';
const ROOT_KEY = 'AKIAROOT00000001';
const SECRET = 'x';

/** A stand-in whose S3, IoT and IAM are maps, and the SDK that talks to it. */
export class StandInFixture {
  public readonly objects = new Map<string, Buffer>();
  public readonly groups = new Map<string, string[]>([['fleet', ['camera-1']]]);
  public readonly entries: RequestLogEntry[] = [];
  public readonly asked: string[] = [];
  public allowed: (action: string, arn: string) => boolean = () => true;
  public readers: (string | undefined)[] = [];

  private constructor(
    public readonly standIn: RunningServer,
    public readonly root: GreengrassV2Client,
    public readonly handler: GreengrassV2Client,
  ) {}

  public static async start(): Promise<StandInFixture> {
    const late: { fixture?: StandInFixture } = {};
    const standIn = await startGreengrassStandIn({
      region: REGION,
      account: ACCOUNT,
      partition: 'aws',
      componentMs: 5,
      controlToken: CONTROL_TOKEN,
      log: { append: (entry) => { late.fixture?.entries.push(entry); } },
      authority: {
        identify,
        authorize: (_caller, action, arn) => {
          late.fixture?.asked.push(`${action} ${arn}`);
          return Promise.resolve(late.fixture?.allowed(action, arn) ?? false);
        },
        mayPassRole: () => Promise.resolve(false), trustsService: () => Promise.resolve(false), // no call hands over a role
      },
      artifacts: {
        read: (caller, bucket, key) => {
          late.fixture?.readers.push(caller.roleArn);
          return late.fixture?.read(bucket, key) ?? Promise.reject(new Error('not started'));
        },
      },
      things: { membersOf: (group) => Promise.resolve(late.fixture?.groups.get(group)) },
    });
    const client = (accessKeyId: string): GreengrassV2Client => new GreengrassV2Client({
      endpoint: standIn.url,
      region: REGION,
      maxAttempts: 1,
      credentials: { accessKeyId, secretAccessKey: SECRET },
    });
    late.fixture = new StandInFixture(standIn, client(ROOT_KEY), client(HANDLER_KEY));
    return late.fixture;
  }

  public async close(): Promise<void> {
    this.root.destroy();
    this.handler.destroy();
    await this.standIn.close();
  }

  private read(bucket: string, key: string): Promise<Buffer> {
    const object = this.objects.get(`s3://${bucket}/${key}`);
    return object ? Promise.resolve(object) : Promise.reject(new StorageError('NoSuchKey', 'The specified key does not exist.'));
  }
}

const CALLERS: Readonly<Record<string, Caller>> = {
  [ROOT_KEY]: { arn: `arn:aws:iam::${ACCOUNT}:root`, isRoot: true },
  [HANDLER_KEY]: {
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/handler/x`, roleArn: `arn:aws:iam::${ACCOUNT}:role/handler`, isRoot: false,
  },
};

function identify(key: string): Promise<KnownCaller> {
  const { [key]: caller } = CALLERS;
  return caller ? Promise.resolve({ caller, secretAccessKey: SECRET }) : Promise.reject(new UnknownCallerError(key));
}
