import { addModel } from '../onnx-bytes';
import { containing } from '../requests';
import { ADD, kserve, serving, startHosting, textOf, variant, type HostingFixture } from './hosting-fixture';

let fixture: HostingFixture;
beforeAll(async () => {
  fixture = await startHosting();
  await serving(fixture, 'adder');
});
afterAll(async () => fixture.close());

const answerOf = async (name: string, body: string): Promise<unknown> => JSON.parse(textOf((await fixture.invoke(name, body)).Body));

describe('an answer', () => {
  test('is the model\'s own, by KServe\'s protocol', async () => {
    const { Body, ContentType, InvokedProductionVariant } = await fixture.invoke('adder', kserve([1, 2], [3, 4.5]));
    expect(JSON.parse(textOf(Body))).toEqual({
      model_name: 'adder', model_version: '1', outputs: [{ name: 'sum', datatype: 'FP32', shape: [2], data: [4, 6.5] }],
    });
    expect([ContentType, InvokedProductionVariant]).toEqual(['application/json', 'AllTraffic']);
  });

  test('has the request\'s id, and the outputs that it asks for', async () => {
    const request = { ...JSON.parse(ADD) as object, id: 'mine', outputs: [{ name: 'sum' }] };
    expect(await answerOf('adder', JSON.stringify(request))).toMatchObject({ id: 'mine', outputs: [{ name: 'sum' }] });
  });

  test('is of the bare ONNX file that another image\'s archive has', async () => {
    const ModelDataUrl = await fixture.storage.putArchive('bare.tar.gz', { 'model.onnx': addModel([2]) });
    await fixture.model('bare', { PrimaryContainer: { Image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/mine:1', ModelDataUrl } });
    await fixture.configuration('bare', 'bare');
    await fixture.endpoint('bare');
    await fixture.reached('bare', 'InService');
    expect(await answerOf('bare', ADD)).toMatchObject({ model_name: 'model', outputs: [{ data: [4, 6] }] });
  });

  test('comes from the variant that the request names', async () => {
    await serving(fixture, 'two', { ProductionVariants: [variant('adder', 'Blue'), variant('adder', 'Green')] });
    const { InvokedProductionVariant } = await fixture.invoke('two', ADD, { TargetVariant: 'Green' });
    expect(InvokedProductionVariant).toBe('Green');
    await expect(fixture.invoke('two', ADD, { TargetVariant: 'Red' })).rejects.toMatchObject({
      name: 'ValidationError', message: 'Variant Red not found for Request',
    });
  });
});

describe('a request that the model refuses is a ModelError with the container\'s answer', () => {
  test.each([
    ['no JSON', 'text', 'failed to parse the request JSON buffer'],
    ['no inputs', '{}', 'Unable to find \'inputs\''],
    ['an unknown input', JSON.stringify({ inputs: [{ name: 'c', shape: [2], datatype: 'FP32', data: [1, 2] }] }), 'unexpected inference input \'c\' for model \'adder\''],
    ['too few inputs', JSON.stringify({ inputs: [{ name: 'a', shape: [2], datatype: 'FP32', data: [1, 2] }] }), 'expected 2 inputs but got 1 inputs for model \'adder\''],
    ['another type', ADD.replace('FP32', 'INT64'), 'inference input \'a\' data-type is \'INT64\', but model \'adder\' expects \'FP32\''],
    ['another shape', kserve([1], [2]), 'unexpected shape for input \'a\' for model \'adder\'. Expected [2], got [1]'],
    ['too little data', ADD.replace('[1,2]', '[1]'), 'Shape does not match true shape of \'data\' field'],
    ['texts for numbers', kserve(['1', '2'], [1, 2]), 'JSON non-number as number'],
    ['an unknown output', JSON.stringify({ ...JSON.parse(ADD) as object, outputs: [{ name: 'difference' }] }), 'unexpected inference output \'difference\''],
  ])('%s', async (_, body, message) => {
    await expect(fixture.invoke('adder', body)).rejects.toMatchObject({
      name: 'ModelError', OriginalStatusCode: 400, OriginalMessage: containing(message),
      LogStreamArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/adder',
      message: containing('Received client error (400) from primary with message "{"error":"'), $metadata: { httpStatusCode: 424 },
    });
  });
});

describe('a request that the service refuses', () => {
  test('of more than 6 MB', async () => {
    await expect(fixture.invoke('adder', Buffer.alloc(6 * 1024 * 1024 + 1))).rejects.toMatchObject({
      name: 'ValidationError',
      message: '1 validation error detected: Value at \'body\' failed to satisfy constraint: Member must have length less than or equal to 6291456',
    });
  });

  test('for an endpoint that does not exist', async () => {
    await expect(fixture.invoke('none')).rejects.toMatchObject({
      name: 'ValidationError', message: 'Endpoint none of account 000000000000 not found.', $metadata: { httpStatusCode: 400 },
    });
  });

  test('whose caller may not invoke this very endpoint, a second later too', async () => {
    await serving(fixture, 'mine');
    fixture.authority.asked.length = 0;
    fixture.authority.allowed = (action, resource) => action !== 'sagemaker:InvokeEndpoint' || resource.endsWith(':endpoint/adder');
    await expect(fixture.invoke('mine')).rejects.toMatchObject({
      name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 },
      message: containing('is not authorized to perform: sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:us-east-1:000000000000:endpoint/mine'),
    });
    await expect(fixture.invoke('mine')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(fixture.authority.asked).toHaveLength(1);
    fixture.authority.allowed = () => true;
  });

  test('with a signature of nobody', async () => {
    const answer = await fetch(`${fixture.standIn.runtimeUrl}/endpoints/adder/invocations`, { method: 'POST', body: ADD });
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([403, 'MissingAuthenticationTokenException']);
  });
});

describe('a fault that was asked for', () => {
  test('of the container, for one payload of many', async () => {
    await fixture.fault({ endpointNameContains: 'adder', kind: 'CONTAINER_ERROR', status: 500, message: 'poison', payloadContains: '666', forMs: 60_000 });
    await expect(fixture.invoke('adder', kserve([666, 1], [1, 1]))).rejects.toMatchObject({
      name: 'ModelError', OriginalStatusCode: 500, message: containing('Received server error (500) from primary with message "poison"'),
    });
    await expect(fixture.invoke('adder')).resolves.toBeDefined();
  });

  test('of throttling, for as often as it says', async () => {
    await serving(fixture, 'slowly');
    await fixture.fault({ endpointNameContains: 'slowly', kind: 'THROTTLED', times: 1 });
    await expect(fixture.invoke('slowly')).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
    await expect(fixture.invoke('slowly')).resolves.toBeDefined();
  });

  test('of the service', async () => {
    await serving(fixture, 'away');
    await fixture.fault({ endpointNameContains: 'away', kind: 'UNAVAILABLE' });
    await expect(fixture.invoke('away')).rejects.toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
  });

  test('is forgotten where that is asked for', async () => {
    await serving(fixture, 'again');
    await fixture.fault({ endpointNameContains: 'again', kind: 'UNAVAILABLE' });
    await fixture.noFaults();
    await expect(fixture.invoke('again')).resolves.toBeDefined();
  });

  test('of the connection', async () => {
    await fixture.fault({ operation: 'InvokeEndpoint', kind: 'lostResponse' });
    await expect(fixture.invoke('adder')).rejects.toThrow('socket hang up');
  });

  test('that is none is refused', async () => {
    expect((await fixture.fault({ endpointNameContains: 'adder', kind: 'LAZY' })).status).toBe(400);
    expect((await fixture.capacity({ endpointNameContains: 'adder', concurrency: 0, serviceMs: 1 })).status).toBe(400);
  });
});

test('the calls of one second with one outcome are one line of the request log, without their bodies', async () => {
  await serving(fixture, 'logged');
  fixture.log.length = 0;
  for (let call = 0; call < 5; call += 1) {
    await fixture.invoke('logged');
  }
  const lines = fixture.log.filter(({ operation }) => operation === 'InvokeEndpoint');
  expect(lines[0]).toMatchObject({
    service: 'SageMaker Runtime', status: 200, input: { EndpointName: 'logged', ContentType: 'application/json', bytes: ADD.length }, output: { calls: 1 },
  });
  expect(lines.length).toBeLessThan(5);
  expect(JSON.stringify(lines)).not.toContain('inputs');
});
