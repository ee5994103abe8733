import { S3Client } from '@aws-sdk/client-s3';
import { EmulatorArtifacts } from '../../../local/greengrass/emulator';
import { StorageError, type Caller } from '../../../local/service/contracts';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';

const ROLE = 'arn:aws:iam::000000000000:role/Analyst';
const SESSION: Caller = { arn: 'arn:session', roleArn: ROLE, isRoot: false };
let s3: RunningServer;
let artifacts: EmulatorArtifacts;
let allowed: boolean;
let status: number;
const asked: unknown[] = [];

beforeAll(async () => {
  s3 = await listen(answering((_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' }).end(status === 200 ? 'as root' : '<Error><Code>NoSuchKey</Code></Error>');
    return Promise.resolve();
  }));
  const root = new S3Client({
    endpoint: s3.url, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  });
  artifacts = new EmulatorArtifacts(root, { read: (roleArn) => Promise.resolve(Buffer.from(`as ${roleArn}`)) }, {
    authorize: (caller, action, resource) => {
      asked.push([caller.arn, action, resource]);
      return Promise.resolve(allowed);
    },
  });
});
beforeEach(() => {
  asked.length = 0;
  [allowed, status] = [true, 200];
});
afterAll(async () => {
  await s3.close();
});

const read = async (caller: Caller): Promise<string> => (await artifacts.read(caller, 'bucket', 'a/key')).toString();

test('an artifact is read with the role of whoever makes the component', async () => {
  expect(await read(SESSION)).toBe(`as ${ROLE}`);
  expect(asked).toEqual([]);
});

test('root reads as root', async () => {
  expect(await read({ arn: 'arn:root', isRoot: true })).toBe('as root');
  expect(asked).toEqual([]);
});

test.each([
  ['a user of IAM', { arn: 'arn:ana', userName: 'ana', isRoot: false }, 'as root'], ['a narrowed session', { ...SESSION, sessionPolicies: [] }, `as ${ROLE}`],
])('IAM is asked whether %s may read it', async (_, caller, content) => {
  expect(await read(caller)).toBe(content);
  expect(asked).toEqual([[caller.arn, 's3:GetObject', 'arn:aws:s3:::bucket/a/key']]);
  allowed = false;
  await expect(read(caller)).rejects.toThrow(StorageError);
});

test('fails with the error of S3', async () => {
  status = 404;
  await expect(read({ arn: 'arn:root', isRoot: true })).rejects.toMatchObject({ name: 'StorageError', code: 'NoSuchKey' });
});
