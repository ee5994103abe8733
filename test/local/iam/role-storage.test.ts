import { EmulatorStorage } from '../../../local/iam/role-storage';
import type { RoleSessions } from '../../../local/iam/role-sessions';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';

const ROLE = 'arn:aws:iam::000000000000:role/Jobs';
const COPY = 'arn:aws:iam::000000000000:role/local-cloud-copy-1';
const credentials = { accessKeyId: 'ASIAJOBS', secretAccessKey: 'secret', sessionToken: 'token' };
const sessions: Pick<RoleSessions, 'during'> = {
  during: (_role, _options, work) => work({ credentials, expiration: new Date(), effectiveRoleArn: COPY }),
};
const paths: string[] = [];
let s3: RunningServer;

beforeAll(async () => {
  s3 = await listen(answering(({ url = '' }, response) => {
    paths.push(url);
    response.writeHead(200).end('content');
    return Promise.resolve();
  }));
});
afterAll(async () => {
  await s3.close();
});

test('a session with which S3 is asked is told before, as one of the role', async () => {
  const known: [string, object][] = [];
  const storage = new EmulatorStorage(sessions, { region: 'us-east-1', endpoint: s3.url }, {
    register: (accessKeyId, session) => {
      expect(paths).toEqual([]);
      known.push([accessKeyId, session]);
    },
  });
  expect((await storage.read(ROLE, 'bucket', 'key')).toString()).toBe('content');
  expect(known).toMatchObject([['ASIAJOBS', {
    secretAccessKey: 'secret', sessionToken: 'token',
    caller: { arn: 'arn:aws:sts::000000000000:assumed-role/Jobs/SageMaker', roleArn: COPY, isRoot: false },
  }]]);
});
