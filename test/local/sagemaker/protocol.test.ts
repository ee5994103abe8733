import {
  CreateCompilationJobCommand, DescribeCompilationJobCommand, ListCompilationJobsCommand, ResourceNotFound, SageMakerClient,
  StopCompilationJobCommand,
} from '@aws-sdk/client-sagemaker';
import { SendHeartbeatCommand } from '@aws-sdk/client-sagemaker-edge';

import { signed, type SigningOptions } from '../service/signed';
import type { Fixture } from './fakes';
import { HANDLER_ARN, HANDLER_KEY, ROOT_KEY, SECRET, startFixture } from './fakes';
import { compilationRequest, matching, putAddModel } from './requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await putAddModel(fixture);
});
afterAll(() => fixture.close());

/** Signed by the handler, unless it is said otherwise. */
async function post(target: string, body: string, options: SigningOptions = {}): Promise<Response> {
  const { url, headers } = await signed(`${fixture.standIn.url}/`, {
    method: 'POST', body, service: 'sagemaker', accessKeyId: HANDLER_KEY, secretAccessKey: SECRET,
    headers: target ? { 'x-amz-target': target } : {}, ...options,
  });
  return fetch(url, { method: 'POST', body, headers });
}

test('an answer carries a request id, and the SDK reads the body', async () => {
  const answer = await fixture.root.send(new CreateCompilationJobCommand(compilationRequest('protocol')));
  expect(answer.CompilationJobArn).toBe('arn:aws:sagemaker:us-east-1:000000000000:compilation-job/protocol');
  expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test('an error has the service\'s own class, status and message in the SDK', async () => {
  const failed = fixture.root.send(new DescribeCompilationJobCommand({ CompilationJobName: 'absent' }));
  await expect(failed).rejects.toBeInstanceOf(ResourceNotFound);
  await expect(failed).rejects.toMatchObject({
    message: 'Could not find requested compilation job with name: absent',
    $metadata: { httpStatusCode: 400 },
  });
});

test('an error names its type in the body and in a header', async () => {
  const response = await post('SageMaker.DescribeCompilationJob', '{"CompilationJobName":"absent"}');
  expect(response.status).toBe(400);
  expect(response.headers.get('x-amzn-errortype')).toBe('ResourceNotFound');
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(response.headers.get('x-amzn-requestid')).not.toBeNull();
  expect(await response.json()).toEqual({
    __type: 'ResourceNotFound',
    message: 'Could not find requested compilation job with name: absent',
  });
});

test('an operation without output has an empty body', async () => {
  await fixture.fault({ jobNameContains: 'endless', become: 'NEVER_ENDING' });
  await fixture.root.send(new CreateCompilationJobCommand(compilationRequest('endless')));
  const response = await post('SageMaker.StopCompilationJob', '{"CompilationJobName":"endless"}');
  expect([response.status, await response.text()]).toEqual([200, '']);
});

test.each([
  ['an operation that it does not know', 'SageMaker.CreateAutoMLJob', '{}', 400, 'UnknownOperationException'],
  ['a path that it does not know', '', '{}', 404, 'UnknownOperationException'],
  ['an operation of the runtime API sent to the other', 'SageMaker.SendHeartbeat', '{}', 400, 'UnknownOperationException'],
  ['a body that is no JSON', 'SageMaker.ListCompilationJobs', '{', 400, 'SerializationException'],
])('%s is refused by name', async (_, target, body, status, name) => {
  const response = await post(target, body);
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, name]);
});

test.each([
  ['an unknown key signed', { accessKeyId: 'AKIANOBODY' }, 'UnrecognizedClientException'],
  ['a wrong secret signed', { secretAccessKey: 'guessed' }, 'InvalidSignatureException'],
  ['is meant for another region', { region: 'eu-west-3' }, 'InvalidSignatureException'],
  ['is meant for another service', { service: 's3' }, 'InvalidSignatureException'],
])('a request that %s is refused with 403', async (_, options, name) => {
  const response = await post('SageMaker.ListCompilationJobs', '{}', options);
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([403, name]);
});

const unsigned = (): Promise<Response> =>
  fetch(fixture.standIn.url, { method: 'POST', body: '{}', headers: { 'x-amz-target': 'SageMaker.ListCompilationJobs' } });

test('a request that nobody signed is refused with 403', async () => {
  const response = await unsigned();
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([403, 'MissingAuthenticationTokenException']);
});

test('each answered call is logged with the SDK\'s names, the caller and the input as it was sent', async () => {
  fixture.log.length = 0;
  await fixture.handler.send(new ListCompilationJobsCommand({ MaxResults: 5 }));
  await fixture.handler.send(new StopCompilationJobCommand({ CompilationJobName: 'absent' })).catch(() => undefined);
  expect(fixture.log).toEqual([
    {
      time: matching(/^\d{4}-.*Z$/),
      service: 'SageMaker',
      operation: 'ListCompilationJobs',
      caller: HANDLER_ARN,
      input: { MaxResults: 5 },
      status: 200,
    },
    {
      time: matching(/Z$/),
      service: 'SageMaker',
      operation: 'StopCompilationJob',
      caller: HANDLER_ARN,
      input: { CompilationJobName: 'absent' },
      status: 400,
      error: 'ResourceNotFound',
    },
  ]);
});

test('a call of nobody is logged without a caller', async () => {
  fixture.log.length = 0;
  await unsigned();
  expect(fixture.log).toHaveLength(1);
  expect(fixture.log[0]).not.toHaveProperty('caller');
});

test('it listens on loopback alone', async () => {
  expect(fixture.standIn.url).toBe(`http://127.0.0.1:${fixture.standIn.port}`);
  await expect(fetch(`http://127.0.0.2:${fixture.standIn.port}`)).rejects.toThrow();
});

test('an authority that breaks never allows', async () => {
  fixture.authority.allowed = () => {
    throw new Error('the emulator is gone');
  };
  const failed = fixture.handler.send(new ListCompilationJobsCommand({}));
  await expect(failed).rejects.toMatchObject({
    name: 'InternalFailure',
    message: 'the emulator is gone',
    $metadata: { httpStatusCode: 500 },
  });
  const beat = fixture.device.send(new SendHeartbeatCommand({ AgentVersion: '1', DeviceFleetName: 'fleet', DeviceName: 'camera' }));
  await expect(beat).rejects.toMatchObject({ name: 'InternalServiceException', message: 'the emulator is gone' });
  fixture.authority.allowed = () => true;
});

test('a client for another region is told so', async () => {
  const client = new SageMakerClient({
    region: 'eu-west-3',
    endpoint: fixture.standIn.url,
    maxAttempts: 1,
    credentials: { accessKeyId: ROOT_KEY, secretAccessKey: SECRET },
  });
  await expect(client.send(new ListCompilationJobsCommand({}))).rejects.toThrow(
    "Credential should be scoped to a valid region, not 'eu-west-3'.",
  );
  client.destroy();
});
