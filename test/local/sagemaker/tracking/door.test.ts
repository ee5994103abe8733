import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  CreateMlflowAppCommand, CreateMlflowTrackingServerCommand, DeleteMlflowAppCommand, DescribeMlflowAppCommand,
  DescribeMlflowTrackingServerCommand,
} from '@aws-sdk/client-sagemaker';
import { signed, type SigningOptions } from '../../service/signed';
import { arn, HANDLER_ARN, HANDLER_KEY, ROLE, SECRET, startFixture, type Fixture } from '../fakes';
import { until } from '../requests';

/** Stands for the interpreter: a server on the socket that tells what it was asked for. By the artifact store, it fails or is silent. */
const SERVER = `#!/usr/bin/env node
const args = process.argv.slice(2);
const store = args[args.indexOf('--default-artifact-root') + 1];
const socket = args[args.indexOf('--uvicorn-opts') + 1].split(' ')[1];
if (store.endsWith('/broken')) {
  console.error('sqlalchemy.exc.OperationalError: no such table');
  process.exit(3);
}
if (!store.endsWith('/silent')) {
  require('node:http').createServer((request, response) => {
    if (request.url === '/api/2.0/mlflow/die') process.exit(1);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ url: request.url, headers: request.headers, role: process.env.ROLE_OF_TEST, pid: process.pid }));
  }).listen(socket);
} else setInterval(() => {}, 1000);
`;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-'));
const revoked: string[] = [];
let fixture: Fixture;
let app = '';
let server = '';
beforeAll(async () => {
  const python = path.join(folder, 'python');
  fs.writeFileSync(python, SERVER, { mode: 0o755 });
  fixture = await startFixture(undefined, undefined, undefined, {
    python, folder, logs: folder, readyMs: 20_000, environment: () => ({ PATH: process.env.PATH }),
    credentials: {
      grant: (_session, roleArn) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: '', AWS_CONTAINER_AUTHORIZATION_TOKEN: '', ROLE_OF_TEST: roleArn }),
      revoke: (session) => {
        revoked.push(session);
        return Promise.resolve();
      },
    },
  });
  app = await createdApp('app');
  const { TrackingServerArn: made = '' } = await fixture.root.send(new CreateMlflowTrackingServerCommand({
    TrackingServerName: 'server', ArtifactStoreUri: 's3://models/mlflow', RoleArn: ROLE,
  }));
  server = made;
  await until(
    () => fixture.root.send(new DescribeMlflowTrackingServerCommand({ TrackingServerName: 'server' })),
    ({ TrackingServerStatus: status }) => status !== 'Creating',
  );
});
afterAll(async () => {
  await fixture.close();
  fs.rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  fixture.authority.allowed = () => true;
});

async function appEnd(Arn: string): Promise<{ readonly Status?: string; readonly FailureReason?: string }> {
  return until(() => fixture.root.send(new DescribeMlflowAppCommand({ Arn })), ({ Status }) => Status !== 'Creating');
}

async function makeApp(name: string, store = 's3://models/mlflow'): Promise<string> {
  const { Arn = '' } = await fixture.root.send(new CreateMlflowAppCommand({ Name: name, ArtifactStoreUri: store, RoleArn: ROLE }));
  return Arn;
}

async function createdApp(name: string): Promise<string> {
  const made = await makeApp(name);
  expect(await appEnd(made)).toMatchObject({ Status: 'Created' });
  return made;
}

interface Said { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

const APP = 'x-sm-mlflow-app-arn';
const TRACKING_SERVER = 'x-mlflow-sm-tracking-server-arn';

async function ask(file: string, headers: Record<string, string>, options: SigningOptions = {}): Promise<Said> {
  const request = await signed(fixture.standIn.mlflowUrl + file, {
    service: TRACKING_SERVER in headers ? 'sagemaker-mlflow' : 'sagemaker', accessKeyId: HANDLER_KEY, secretAccessKey: SECRET, headers, ...options,
  });
  const response = await fetch(request.url, { headers: request.headers, method: options.method ?? 'GET' });
  return { status: response.status, body: await response.json() as Said['body'] };
}

test('a request for an app gets to its server, without the credentials of its caller', async () => {
  const { status, body } = await ask('/api/2.0/mlflow/runs/get?run_id=1', { [APP]: app, 'x-own': 'yes' }, { sessionToken: 'secret-token' });
  expect([status, body.url]).toEqual([200, '/api/2.0/mlflow/runs/get?run_id=1']);
  expect(body.headers).toMatchObject({ 'x-own': 'yes', [APP]: app });
  expect(JSON.stringify(body)).not.toMatch(/secret-token|AWS4-HMAC/);
});

test('the server has the credentials of the app\'s role', async () => {
  expect((await ask('/api/2.0/mlflow/x', { [APP]: app })).body.role).toBe(ROLE);
});

test('an app has one right, for its very ARN', async () => {
  fixture.authority.asked.length = 0;
  await ask('/api/2.0/mlflow/runs/get', { [APP]: app });
  expect(fixture.authority.asked).toEqual([{ action: 'sagemaker:CallMlflowAppApi', resource: app }]);
});

test('a tracking server has a right for each call', async () => {
  fixture.authority.asked.length = 0;
  expect((await ask('/api/2.0/mlflow/runs/get', { [TRACKING_SERVER]: server })).status).toBe(200);
  expect(fixture.authority.asked).toEqual([{ action: 'sagemaker-mlflow:GetRun', resource: server }]);
});

test('who lacks the right is refused, in IAM\'s words, and the call is logged', async () => {
  fixture.authority.allowed = (action) => action !== 'sagemaker:CallMlflowAppApi';
  expect(await ask('/api/2.0/mlflow/runs/get', { [APP]: app })).toEqual({
    status: 403,
    body: { error_code: 'PERMISSION_DENIED', message: expect.stringContaining(`${HANDLER_ARN} is not authorized to perform: sagemaker:CallMlflowAppApi on resource: ${app}`) as unknown },
  });
  expect(fixture.log.at(-1)).toMatchObject({
    service: 'SageMaker MLflow', operation: 'GET /api/2.0/mlflow/runs/get', caller: HANDLER_ARN, input: { Arn: app }, status: 403, error: 'PERMISSION_DENIED',
  });
});

test.each<[string, SigningOptions, string]>([
  ['a wrong key', { secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
  ['nobody\'s key', { accessKeyId: 'AKIANOBODY000001' }, 'UnrecognizedClientException'],
  ['another service', { service: 's3' }, 'InvalidSignatureException'],
  ['another region', { region: 'eu-west-1' }, 'InvalidSignatureException'],
  ['a date of long ago', { date: new Date('2020-01-01') }, 'InvalidSignatureException'],
])('fails when a request is signed with %s', async (_what, options, code) => {
  expect(await ask('/api/2.0/mlflow/runs/get', { [APP]: app }, options)).toMatchObject({ status: 403, body: { error_code: code } });
});

test('fails when the ARN was not signed', async () => {
  const { url, headers } = await signed(`${fixture.standIn.mlflowUrl}/api/2.0/mlflow/runs/get`, {
    service: 'sagemaker', accessKeyId: HANDLER_KEY, secretAccessKey: SECRET,
  });
  const response = await fetch(url, { headers: { ...headers, [APP]: app } });
  expect([response.status, await response.json()]).toEqual([403, { error_code: 'PERMISSION_DENIED', message: `the signature must cover the header ${APP}` }]);
});

test.each<[string, Record<string, string>]>([['no ARN', {}], ['both', { [APP]: 'a', [TRACKING_SERVER]: 'b' }]])('fails when a request has %s', async (_what, headers) => {
  expect(await ask('/api/2.0/mlflow/runs/get', headers)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
});

test('fails when there is no such app', async () => {
  const absent = arn('mlflow-app/app-000000000000');
  expect(await ask('/api/2.0/mlflow/runs/get', { [APP]: absent })).toEqual({
    status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `${absent} does not exist` },
  });
});

test('fails when a call of a tracking server has no right in IAM', async () => {
  expect(await ask('/api/3.0/mlflow/datasets/create', { [TRACKING_SERVER]: server })).toMatchObject({ status: 404, body: { error_code: 'ENDPOINT_NOT_FOUND' } });
});

describe('where each model is to come to SageMaker\'s model registry', () => {
  let copying: readonly (readonly [header: string, arn: string])[] = [];
  beforeAll(async () => {
    const [common, name] = [{ ArtifactStoreUri: 's3://models/mlflow', RoleArn: ROLE }, 'copying'];
    const { Arn = '' } = await fixture.root.send(new CreateMlflowAppCommand({
      ...common, Name: name, ModelRegistrationMode: 'AutoModelRegistrationEnabled',
    }));
    const { TrackingServerArn = '' } = await fixture.root.send(new CreateMlflowTrackingServerCommand({
      ...common, TrackingServerName: name, AutomaticModelRegistration: true,
    }));
    copying = [[APP, Arn], [TRACKING_SERVER, TrackingServerArn]];
    await appEnd(Arn);
    await until(
      () => fixture.root.send(new DescribeMlflowTrackingServerCommand({ TrackingServerName: name })),
      ({ TrackingServerStatus: status }) => status !== 'Creating',
    );
  });

  test.each(['registered-models/create', 'model-versions/create'])('fails when one is registered: %s', async (call) => {
    for (const [header, own] of copying) {
      const message = expect.stringContaining(`does not copy models to SageMaker's model registry, as ${own} is to do`) as unknown;
      expect(await ask(`/api/2.0/mlflow/${call}`, { [header]: own }, { method: 'POST' })).toEqual({
        status: 501, body: { error_code: 'NOT_IMPLEMENTED', message },
      });
    }
  });

  test('every other call is answered, and so is each where nothing is to be copied', async () => {
    for (const [header, own] of copying) {
      expect(await ask('/api/2.0/mlflow/runs/create', { [header]: own }, { method: 'POST' })).toMatchObject({ status: 200 });
      expect(await ask('/api/2.0/mlflow/registered-models/get', { [header]: own })).toMatchObject({ status: 200 });
    }
    for (const [header, own] of [[APP, app], [TRACKING_SERVER, server]] as const) {
      expect(await ask('/api/2.0/mlflow/registered-models/create', { [header]: own }, { method: 'POST' })).toMatchObject({ status: 200 });
    }
  });

  test('who may not register is refused for that', async () => {
    fixture.authority.allowed = () => false;
    for (const [header, own] of copying) {
      expect(await ask('/api/2.0/mlflow/registered-models/create', { [header]: own }, { method: 'POST' })).toMatchObject({ status: 403 });
    }
  });
});

test('a server that does not start makes its app CreateFailed, and the door has its last words', async () => {
  const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const own = await makeApp('broken', 's3://models/broken');
  expect(await appEnd(own)).toMatchObject({ Status: 'CreateFailed' });
  const words = expect.stringMatching(/ended while it started \(exit code 3\).*no such table/) as unknown;
  expect(logged.mock.calls).toEqual([[words]]);
  expect(await ask('/api/2.0/mlflow/runs/get', { [APP]: own })).toEqual({ status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE', message: words } });
  logged.mockRestore();
});

test('a server that has died answers 503, and says so', async () => {
  const own = await createdApp('mortal');
  for (const file of ['die', 'runs/get']) {
    const { url, headers } = await signed(`${fixture.standIn.mlflowUrl}/api/2.0/mlflow/${file}`, {
      service: 'sagemaker', accessKeyId: HANDLER_KEY, secretAccessKey: SECRET, headers: { [APP]: own },
    });
    const response = await fetch(url, { headers });
    expect([response.status, await response.text()]).toEqual([503, expect.stringMatching(/^the MLflow server does not answer: /)]);
  }
});

test.each(['s3://models/mlflow', 's3://models/silent'])('deletion ends the process, its credentials and its files, and no request gets there any more: %s', async (store) => {
  const logged = jest.spyOn(console, 'error');
  const before = revoked.length;
  const own = await makeApp(`gone-${path.basename(store)}`, store);
  if (!store.endsWith('silent')) { // the other one is deleted while it starts
    await appEnd(own);
  }
  await fixture.root.send(new DeleteMlflowAppCommand({ Arn: own }));
  expect((await ask('/api/2.0/mlflow/runs/get', { [APP]: own })).status).toBe(503);
  await until(async () => ask('/api/2.0/mlflow/runs/get', { [APP]: own }), ({ status }) => status === 404);
  expect(revoked.length).toBe(before + 1);
  expect(logged).not.toHaveBeenCalled();
  logged.mockRestore();
});

test('without MLflow there are the records alone, and the door says so', async () => {
  const other = await startFixture();
  const { Arn = '' } = await other.root.send(new CreateMlflowAppCommand({ Name: 'a', ArtifactStoreUri: 's3://models/mlflow', RoleArn: ROLE }));
  await until(() => other.root.send(new DescribeMlflowAppCommand({ Arn })), ({ Status }) => Status === 'Created');
  const { url, headers } = await signed(`${other.standIn.mlflowUrl}/api/2.0/mlflow/runs/get`, {
    service: 'sagemaker', accessKeyId: HANDLER_KEY, secretAccessKey: SECRET, headers: { [APP]: Arn },
  });
  const response = await fetch(url, { headers });
  expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('started without the packages of experiments')]);
  await other.close();
});
