import { text } from 'node:stream/consumers';
import { ExpiredCallerError, UnknownCallerError, type Caller, type KnownCaller, type RequestLogEntry } from '../../../local/service/contracts';
import { openDoor, type Disturbance } from '../../../local/service/door';
import { ServiceError } from '../../../local/service/errors';
import { Forwarder } from '../../../local/service/forwarder';
import { answering } from '../../../local/service/http-server';
import type { OperationTable } from '../../../local/service/operation';
import { Service } from '../../../local/service/service';
import { plainServer, type PlainServer } from './plain-server';
import { signed, type SigningOptions } from './signed';

const HANDLER: Caller = {
  arn: 'arn:aws:sts::000000000000:assumed-role/handler/f',
  roleArn: 'arn:aws:iam::000000000000:role/handler',
  isRoot: false,
};
const SCOPE: Readonly<Record<string, string>> = { SageMaker: 'sagemaker', GreengrassV2: 'greengrass', IoT: 'iot' };
const ZEROS = `AWS4-HMAC-SHA256 Credential=ASIAHANDLER00001/${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/us-east-1/greengrass/aws4_request, `
  + `SignedHeaders=host, Signature=${'0'.repeat(64)}`;
const ROLE = 'arn:aws:iam::000000000000:role/device';
const entries: RequestLogEntry[] = [];
const asked: string[] = [];
const forwarded: string[] = [];
let allowed: (action: string) => boolean;
let disturbance: Disturbance | undefined;
let runs: number;
let emulator: PlainServer;

const authority = {
  identify: (key: string): Promise<KnownCaller> => {
    const error = key === 'ASIAEXPIRED00001' ? ExpiredCallerError : UnknownCallerError;
    return key === 'ASIAHANDLER00001' ? Promise.resolve({ caller: HANDLER, secretAccessKey: 'secret' }) : Promise.reject(new error(key));
  },
  authorize: (_: Caller, action: string, arn: string): Promise<boolean> => {
    asked.push(`${action} ${arn}`);
    return Promise.resolve(allowed(action));
  },
  mayPassRole: (_: Caller, role: string, service: string): Promise<boolean> => {
    asked.push(`iam:PassRole ${role} ${service}`);
    return Promise.resolve(allowed('iam:PassRole'));
  },
};

const TABLES: Readonly<Record<'SageMaker' | 'GreengrassV2' | 'IoT', OperationTable>> = {
  SageMaker: {
    StopCompilationJob: {
      run: () => {
        runs += 1;
        return undefined;
      },
    },
  },
  GreengrassV2: {
    GetDeployment: { resources: () => ['arn:one', 'arn:two'], rights: () => [['iot:DescribeJob', 'arn:job']], run: (input) => input },
    CancelDeployment: { logsOutput: true, run: () => ({ message: 'cancelled' }) },
    DeleteDeployment: { run: () => { throw new Error('broken'); } },
  },
  IoT: {
    CreateRoleAlias: { role: () => ROLE, run: () => ({ roleAlias: 'made' }) },
    ListTagsForResource: { isOurs: ({ resourceArn }) => resourceArn === 'ours', run: () => ({ tags: [] }) },
  },
};

/** Sends a request to a door of its own. */
async function call(service: keyof typeof TABLES, method: string, path: string, { body, headers, signing = {}, door = {} }: {
  readonly body?: string;
  /** After the request was signed. */
  readonly headers?: Record<string, string>;
  readonly signing?: SigningOptions;
  readonly door?: { readonly emulator?: Forwarder };
} = {}): Promise<{ status: number; type: string | null; error: string | null; body: string }> {
  const running = await openDoor({
    region: 'us-east-1', authority, log: { append: (entry) => { entries.push(entry); } }, disturb: () => disturbance, ...door,
    services: [new Service({ id: service, operations: () => TABLES[service], authority, principal: 'credentials.iot.amazonaws.com' })],
    control: (line, given) => ({ status: 200, body: { line, given } }), controlToken: 'token',
  });
  try {
    const content = body === undefined ? {} : { body };
    const request = await signed(`${running.url}${path}`, { method, ...content, service: SCOPE[service] ?? '', ...signing });
    const response = await fetch(request.url, { method, ...content, headers: { ...request.headers, ...headers } });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      error: response.headers.get('x-amzn-errortype'),
      body: await response.text(),
    };
  } finally {
    await running.close();
  }
}

beforeAll(async () => {
  emulator = await plainServer(answering(async (request, response) => {
    forwarded.push(`${request.method ?? ''} ${request.url ?? ''} ${await text(request)}`);
    response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' }).end();
  }));
});
beforeEach(() => {
  allowed = () => true;
  disturbance = undefined;
  runs = 0;
  for (const list of [entries, asked, forwarded]) {
    list.length = 0;
  }
});
afterAll(async () => emulator.close());

test('an operation is answered in its service\'s protocol, and is a line of the log', async () => {
  expect(await call('GreengrassV2', 'GET', '/greengrass/v2/deployments/d-1')).toEqual({
    status: 200,
    type: 'application/json',
    error: null,
    body: '{"deploymentId":"d-1"}',
  });
  expect(entries).toEqual([{
    time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    service: 'GreengrassV2',
    operation: 'GetDeployment',
    caller: HANDLER.arn,
    input: { deploymentId: 'd-1' },
    status: 200,
  }]);
});

test('what an operation chose is in the log where its table says so', async () => {
  await call('GreengrassV2', 'POST', '/greengrass/v2/deployments/d-1/cancel');
  expect(entries).toMatchObject([{ operation: 'CancelDeployment', output: { message: 'cancelled' } }]);
});

test('a caller is asked for the action on each resource, and for the further rights', async () => {
  await call('GreengrassV2', 'GET', '/greengrass/v2/deployments/d-1');
  expect(asked).toEqual(['greengrass:GetDeployment arn:one', 'greengrass:GetDeployment arn:two', 'iot:DescribeJob arn:job']);
});

test('an operation without resources is asked for on *', async () => {
  await call('GreengrassV2', 'POST', '/greengrass/v2/deployments/d-1/cancel');
  expect(asked).toEqual(['greengrass:CancelDeployment *']);
});

test.each(['greengrass:GetDeployment', 'iot:DescribeJob'])('who may not %s is refused in IAM\'s words', async (action) => {
  allowed = (candidate) => candidate !== action;
  const { status, error, body } = await call('GreengrassV2', 'GET', '/greengrass/v2/deployments/d-1');
  expect([status, error]).toEqual([403, 'AccessDeniedException']);
  expect(JSON.parse(body)).toMatchObject({
    message: expect.stringContaining(`User: ${HANDLER.arn} is not authorized to perform: ${action} on resource: arn:`) as string,
  });
});

test('who hands over a role needs iam:PassRole on it', async () => {
  allowed = (candidate) => candidate !== 'iam:PassRole';
  const body = JSON.stringify({ roleArn: ROLE });
  expect(await call('IoT', 'POST', '/role-aliases/a', { body })).toMatchObject({ status: 403, error: 'AccessDeniedException' });
  expect(asked).toEqual(['iot:CreateRoleAlias *', `iam:PassRole ${ROLE} credentials.iot.amazonaws.com`]);
});

test('a request that breaks the model is refused before anybody is asked', async () => {
  const { status, error, body } = await call('GreengrassV2', 'GET', '/greengrass/v2/deployments/d-1?x=y', { body: undefined });
  expect([status, error, body]).toEqual([200, null, '{"deploymentId":"d-1"}']); // a query that is no member is none
  asked.length = 0;
  const refused = await call('SageMaker', 'POST', '/', {
    body: '{"CompilationJobName":"a_b"}',
    headers: { 'x-amz-target': 'SageMaker.StopCompilationJob' },
  });
  expect(refused).toMatchObject({ status: 400, type: 'application/x-amz-json-1.1', error: 'ValidationException' });
  expect([asked, runs]).toEqual([[], 0]);
});

test.each([
  [
    'SageMaker',
    'POST',
    '/',
    400,
    { 'x-amz-target': 'SageMaker.CreateAutoMLJob' },
    'The local stand-in does not know the operation CreateAutoMLJob of SageMaker',
  ],
  [
    'GreengrassV2',
    'POST',
    '/greengrass/v2/resolveComponentCandidates',
    404,
    {},
    'The local stand-in does not know the operation ResolveComponentCandidates of GreengrassV2',
  ],
  ['GreengrassV2', 'GET', '/nothing', 404, {}, 'The local stand-in does not know the operation GET /nothing of GreengrassV2'],
] as const)('an operation that %s does not have here is an UnknownOperationException: %s %s', async (service, method, path, status, headers, message) => {
  const answer = await call(service, method, path, { headers });
  expect(answer).toMatchObject({ status, error: 'UnknownOperationException' });
  expect(JSON.parse(answer.body)).toMatchObject({ message });
  expect(entries).toMatchObject([{ status, error: 'UnknownOperationException' }]);
});

test.each([
  ['an unknown key signed', { accessKeyId: 'ASIASTRANGER0001' }, 'UnrecognizedClientException'],
  ['a session that is over signed', { accessKeyId: 'ASIAEXPIRED00001' }, 'ExpiredTokenException'],
  ['is meant for another service', { service: 'iot' }, 'InvalidSignatureException'],
  ['is meant for another region', { region: 'eu-west-3' }, 'InvalidSignatureException'],
  ['a wrong secret signed', { secretAccessKey: 'guessed' }, 'InvalidSignatureException'],
  ['was signed an hour ago', { date: new Date(Date.now() - 3600_000) }, 'InvalidSignatureException'],
])('a request that %s is refused, and logged without a caller', async (_, signing, error) => {
  expect(await call('GreengrassV2', 'GET', '/greengrass/v2/deployments/d-1', { signing })).toMatchObject({ status: 403, error });
  expect(entries).toMatchObject([{ operation: 'GetDeployment', status: 403, error }]);
  expect(entries[0]).not.toHaveProperty('caller');
});

test.each([
  ['nobody signed', '', 'MissingAuthenticationTokenException'],
  ['was signed by no known way', 'AWS test:signature', 'IncompleteSignatureException'],
  ['names an account for its key', ZEROS.replace('ASIAHANDLER00001', '000000000000'), 'UnrecognizedClientException'],
  ['has the key test', ZEROS.replace('ASIAHANDLER00001', 'test'), 'UnrecognizedClientException'],
  ['has a signature of zeros', ZEROS, 'InvalidSignatureException'],
])('a request that %s is refused, and nobody is asked about it', async (_, authorization, error) => {
  expect(await call('GreengrassV2', 'GET', '/greengrass/v2/deployments/d-1', { headers: { authorization } })).toMatchObject({ status: 403, error });
  expect([asked, runs]).toEqual([[], 0]);
  expect(entries).toMatchObject([{ operation: 'GetDeployment', status: 403, error }]);
  expect(entries[0]).not.toHaveProperty('caller');
});

test('an error of the stand-in\'s own has the service\'s name and status for it', async () => {
  const { status, error, body } = await call('GreengrassV2', 'DELETE', '/greengrass/v2/deployments/d-1');
  expect([status, error, JSON.parse(body)]).toEqual([
    500,
    'InternalServerException',
    { message: 'broken' },
  ]);
});

test('an error that was asked for is answered instead', async () => {
  disturbance = new ServiceError('ThrottlingException', 'Rate exceeded', 429);
  expect(await call('GreengrassV2', 'GET', '/greengrass/v2/deployments/d-1')).toMatchObject({ status: 429, error: 'ThrottlingException' });
});

test.each([
  ['lostRequest', 0], ['lostResponse', 1],
] as const)('a %s breaks the connection, and the work was done %i times', async (kind, done) => {
  disturbance = kind;
  const request = { body: '{"CompilationJobName":"j"}', headers: { 'x-amz-target': 'SageMaker.StopCompilationJob' } };
  await expect(call('SageMaker', 'POST', '/', request)).rejects.toThrow('fetch failed');
  expect(runs).toBe(done);
  expect(entries).toMatchObject([{ operation: 'StopCompilationJob', status: 0, error: kind }]);
});

test('a control call has the token, gets parsed JSON, and is not logged', async () => {
  const headers = { authorization: 'Bearer token' };
  const { body } = await call('IoT', 'POST', '/_stand-in/x', { body: '{"a":1}', headers });
  expect(JSON.parse(body)).toEqual({ line: 'POST /_stand-in/x', given: { a: 1 } });
  expect(await call('IoT', 'POST', '/_stand-in/x', { body: '{', headers })).toMatchObject({ status: 400 });
  expect(entries).toEqual([]);
});

test.each([
  ['no token', ''], ['another token', 'Bearer tokem'], ['a part of it', 'Bearer toke'],
])('a control call with %s is refused', async (_, authorization) => {
  expect(await call('IoT', 'POST', '/_stand-in/x', { body: '{"a":1}', headers: { authorization } })).toMatchObject({
    status: 401, body: expect.not.stringContaining('given') as string,
  });
});

describe('with the emulator behind it', () => {
  const through = async (method: string, path: string, options: Parameters<typeof call>[3] = {}): ReturnType<typeof call> =>
    call('IoT', method, path, { ...options, door: { emulator: new Forwarder(emulator) } });

  test('what no operation answers is handed on, and logged with the emulator\'s answer', async () => {
    expect(await through('GET', '/things/camera')).toMatchObject({ status: 404, error: 'ResourceNotFoundException' });
    expect(forwarded).toEqual(['GET /things/camera ']);
    expect(entries).toMatchObject([{
      operation: 'DescribeThing',
      caller: HANDLER.arn,
      input: { thingName: 'camera' },
      status: 404,
      error: 'ResourceNotFoundException',
    }]);
  });

  test('what AWS would refuse is refused here: the emulator would take it', async () => {
    expect(await through('PATCH', '/things/camera', { body: '{"thingType":"x"}' })).toMatchObject({
      status: 400,
      error: 'InvalidRequestException',
    });
    expect(forwarded).toEqual([]);
  });

  test('an operation decides which calls are its own', async () => {
    expect(await through('GET', '/tags?resourceArn=ours')).toMatchObject({ status: 200, body: '{"tags":[]}' });
    expect(await through('GET', '/tags?resourceArn=other')).toMatchObject({ status: 404 });
    expect(forwarded).toEqual(['GET /tags?resourceArn=other ']);
  });

  test('who is unknown here is handed on: the emulator may know them', async () => {
    await through('POST', '/role-aliases/a', { signing: { accessKeyId: 'ASIASTRANGER0001' } });
    expect(forwarded).toHaveLength(1);
  });

  test('what nobody signed, or signed with a wrong secret or in a session that is over, is not handed on', async () => {
    expect(await through('POST', '/role-aliases/a', { signing: { accessKeyId: 'ASIAEXPIRED00001' } })).toMatchObject({ error: 'ExpiredTokenException' });
    expect(await through('POST', '/role-aliases/a', { headers: { authorization: '' } })).toMatchObject({ error: 'MissingAuthenticationTokenException' });
    expect(await through('GET', '/things/camera', { signing: { secretAccessKey: 'guessed' } })).toMatchObject({ error: 'InvalidSignatureException' });
    expect(forwarded).toEqual([]);
  });
});
