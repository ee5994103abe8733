import {
  AddTagsCommand, CreateEndpointCommand, CreateEndpointConfigCommand, CreateModelCommand, DeleteEndpointCommand,
  DeleteEndpointConfigCommand, DeleteModelCommand, DescribeEndpointConfigCommand, DescribeModelCommand, ListEndpointConfigsCommand,
  ListEndpointsCommand, ListModelsCommand,
  ListTagsCommand, UpdateEndpointCommand, UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { arn, ROLE } from '../fakes';
import { addModel } from '../onnx-bytes';
import { containing, until } from '../requests';
import { CONFIGURATION, serving, startHosting, TRITON, variant, type HostingFixture } from './hosting-fixture';

let fixture: HostingFixture;
beforeAll(async () => {
  fixture = await startHosting();
});
afterEach(() => {
  fixture.gate.open();
});
afterAll(async () => fixture.close());

const NOT_HEALTHY = 'The primary container for production variant AllTraffic did not pass the ping health check. Please check CloudWatch logs for this endpoint.';

/** An endpoint of a model whose archive has these files. */
async function endpointOf(name: string, files: Readonly<Record<string, Buffer>>, environment: Record<string, string> = {}): Promise<void> {
  const ModelDataUrl = await fixture.storage.putArchive(`${name}.tar.gz`, files);
  await fixture.model(name, { PrimaryContainer: { Image: TRITON, ModelDataUrl, Environment: environment } });
  await fixture.configuration(name, name);
  await fixture.endpoint(name);
}

describe('life of an endpoint', () => {
  test('it is Creating, then InService with its variant\'s instances', async () => {
    await fixture.model('life');
    await fixture.configuration('life', 'life');
    fixture.gate.close();
    await fixture.endpoint('life');
    const first = await fixture.described('life');
    expect(first).toMatchObject({ EndpointStatus: 'Creating', EndpointArn: arn('endpoint/life'), EndpointConfigName: 'life' });
    expect(first.ProductionVariants).toBeUndefined();
    fixture.gate.open();
    expect(await fixture.reached('life', 'InService')).toMatchObject({
      ProductionVariants: [{
        VariantName: 'AllTraffic', CurrentInstanceCount: 1, DesiredInstanceCount: 1, CurrentWeight: 1, DeployedImages: [{ SpecifiedImage: TRITON }],
      }],
    });
    expect(fixture.lines).toContainEqual(expect.objectContaining({
      group: '/aws/sagemaker/Endpoints/life', line: 'successfully loaded \'adder\' version 1',
    }));
  });

  test('one whose model does not load is Failed, and the container\'s log says why', async () => {
    await endpointOf('bad-model', { 'adder/config.pbtxt': CONFIGURATION, 'adder/1/model.onnx': Buffer.from('no model') });
    expect(await fixture.reached('bad-model', 'Failed')).toMatchObject({ FailureReason: NOT_HEALTHY });
    expect(fixture.lines.filter(({ group }) => group.endsWith('/bad-model')).map(({ line }) => line)).toEqual([
      containing('failed to load \'adder\' version 1: Internal: onnx runtime error: '),
    ]);
  });

  test.each([
    ['no-repository', { 'model.onnx': addModel([2]) }, {}, 'No model directory with a version and a model.onnx'],
    ['other-name', { 'else/config.pbtxt': CONFIGURATION, 'else/1/model.onnx': addModel([2]) }, {}, 'unexpected directory name \'else\' for model \'adder\''],
    ['other-backend', { 'a/config.pbtxt': Buffer.from('backend: "python"'), 'a/1/model.onnx': addModel([2]) }, {}, 'config.pbtxt asks for \'python\''],
    ['two-models', { 'a/1/model.onnx': addModel([2]), 'b/1/model.onnx': addModel([2]) }, {}, 'SAGEMAKER_TRITON_DEFAULT_MODEL_NAME must be set'],
    ['no-such-model', { 'a/1/model.onnx': addModel([2]) }, { SAGEMAKER_TRITON_DEFAULT_MODEL_NAME: 'c' }, 'Directory with name c not found'],
  ])('Triton\'s container does not come up: %s', async (name, files, environment, line) => {
    await endpointOf(name, files, environment);
    await fixture.reached(name, 'Failed');
    expect(fixture.lines.filter(({ group }) => group.endsWith(`/${name}`)).map((entry) => entry.line)).toEqual([containing(line)]);
  });

  test('one whose model the execution role may not read is Failed', async () => {
    fixture.storage.refuse = (action) => action === 's3:GetObject';
    await fixture.model('no-right');
    await fixture.configuration('no-right', 'no-right');
    await fixture.endpoint('no-right');
    const { FailureReason } = await fixture.reached('no-right', 'Failed');
    fixture.storage.refuse = () => false;
    expect(FailureReason).toBe('Failed to download model data for container "container_1" from URL: "s3://models/adder.tar.gz". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the object.');
  });

  test('one whose archive is no tar.gz is Failed', async () => {
    fixture.storage.objects.set('s3://models/text.tar.gz', Buffer.from('text'));
    await fixture.model('no-archive', { PrimaryContainer: { Image: TRITON, ModelDataUrl: 's3://models/text.tar.gz' } });
    await fixture.configuration('no-archive', 'no-archive');
    await fixture.endpoint('no-archive');
    expect(await fixture.reached('no-archive', 'Failed')).toMatchObject({ FailureReason: containing('Failed to extract model data archive') });
  });

  test('an update is Updating while the old model answers, then InService with the new configuration', async () => {
    await serving(fixture, 'updated');
    await fixture.configuration('updated-2', 'updated', { ProductionVariants: [variant('updated', 'AllTraffic', 3)] });
    fixture.gate.close();
    await fixture.root.send(new UpdateEndpointCommand({ EndpointName: 'updated', EndpointConfigName: 'updated-2' }));
    expect(await fixture.described('updated')).toMatchObject({ EndpointStatus: 'Updating', EndpointConfigName: 'updated' });
    await expect(fixture.invoke('updated')).resolves.toBeDefined();
    fixture.gate.open();
    expect(await fixture.reached('updated', 'InService')).toMatchObject({
      EndpointConfigName: 'updated-2', ProductionVariants: [{ CurrentInstanceCount: 3 }],
    });
  });

  test('an update whose model does not load rolls back to the old configuration, and says why', async () => {
    await serving(fixture, 'rolled');
    fixture.storage.objects.set('s3://models/broken.tar.gz', await broken());
    await fixture.model('rolled-bad', { PrimaryContainer: { Image: TRITON, ModelDataUrl: 's3://models/broken.tar.gz' } });
    await fixture.configuration('rolled-bad', 'rolled-bad');
    fixture.gate.close();
    await fixture.root.send(new UpdateEndpointCommand({ EndpointName: 'rolled', EndpointConfigName: 'rolled-bad' }));
    await fixture.gate.letOnePass();
    expect(await fixture.reached('rolled', 'RollingBack')).toMatchObject({ FailureReason: NOT_HEALTHY });
    fixture.gate.open();
    expect(await fixture.reached('rolled', 'InService')).toMatchObject({ EndpointConfigName: 'rolled', FailureReason: NOT_HEALTHY });
    await expect(fixture.invoke('rolled')).resolves.toBeDefined();
  });

  test('an update that retains the variants\' properties keeps the number of instances', async () => {
    await serving(fixture, 'retained', { ProductionVariants: [variant('life', 'AllTraffic', 4)] });
    await fixture.configuration('retained-2', 'life');
    await fixture.root.send(new UpdateEndpointCommand({
      EndpointName: 'retained', EndpointConfigName: 'retained-2', RetainAllVariantProperties: true,
    }));
    expect(await fixture.reached('retained', 'InService')).toMatchObject({ ProductionVariants: [{ CurrentInstanceCount: 4 }] });
  });

  test('other numbers of instances take effect after a time in Updating', async () => {
    await serving(fixture, 'scaled');
    fixture.gate.close();
    await fixture.root.send(new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: 'scaled', DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredInstanceCount: 5 }],
    }));
    expect(await fixture.described('scaled')).toMatchObject({
      EndpointStatus: 'Updating', ProductionVariants: [{ CurrentInstanceCount: 1, DesiredInstanceCount: 5 }],
    });
    fixture.gate.open();
    expect(await fixture.reached('scaled', 'InService')).toMatchObject({ ProductionVariants: [{ CurrentInstanceCount: 5 }] });
  });

  test('a deleted endpoint is Deleting, then it is not found, and its requests are refused', async () => {
    await serving(fixture, 'deleted');
    fixture.gate.close();
    await fixture.root.send(new DeleteEndpointCommand({ EndpointName: 'deleted' }));
    expect(await fixture.described('deleted')).toMatchObject({ EndpointStatus: 'Deleting' });
    await expect(fixture.invoke('deleted')).rejects.toMatchObject({
      name: 'ValidationError', message: 'Endpoint deleted of account 000000000000 not found.',
    });
    fixture.gate.open();
    const gone = await until(async () => fixture.described('deleted').then(() => undefined, (error: unknown) => error), (error) => error !== undefined);
    expect(gone).toMatchObject({ name: 'ValidationException', message: `Could not find endpoint "${arn('endpoint/deleted')}".` });
  });

  test('one can be deleted while it is Creating, and one that a fault keeps there', async () => {
    await fixture.fault({ jobNameContains: 'stuck', become: 'NEVER_ENDING' });
    await fixture.model('stuck');
    await fixture.configuration('stuck', 'stuck');
    await fixture.endpoint('stuck');
    await fixture.root.send(new DeleteEndpointCommand({ EndpointName: 'stuck' }));
    expect(await until(async () => fixture.described('stuck').then(() => false, () => true), (isGone) => isGone)).toBe(true);
  });

  test('a fault makes one Failed for the reason that was asked for', async () => {
    await fixture.fault({ jobNameContains: 'no-capacity', become: 'FAILED', reason: 'Unable to provision requested ML compute capacity' });
    await fixture.model('no-capacity');
    await fixture.configuration('no-capacity', 'no-capacity');
    await fixture.endpoint('no-capacity');
    expect(await fixture.reached('no-capacity', 'Failed')).toMatchObject({ FailureReason: 'Unable to provision requested ML compute capacity' });
  });
});

describe('requests that the service refuses', () => {
  const send = async (command: unknown): Promise<unknown> => fixture.root.send(command as CreateEndpointCommand);
  beforeAll(async () => {
    await serving(fixture, 'taken');
  });

  test.each([
    ['a taken model', () => new CreateModelCommand({ ModelName: 'taken', ExecutionRoleArn: ROLE, PrimaryContainer: { Image: TRITON } }), `Cannot create already existing model "${arn('model/taken')}".`],
    ['a taken configuration', () => new CreateEndpointConfigCommand({ EndpointConfigName: 'taken', ProductionVariants: [variant('taken')] }), `Cannot create already existing endpoint configuration "${arn('endpoint-config/taken')}".`],
    ['a taken endpoint', () => new CreateEndpointCommand({ EndpointName: 'taken', EndpointConfigName: 'taken' }), `Cannot create already existing endpoint "${arn('endpoint/taken')}".`],
    ['an absent model', () => new CreateEndpointConfigCommand({ EndpointConfigName: 'x', ProductionVariants: [variant('none')] }), `Could not find model "${arn('model/none')}".`],
    ['an absent configuration', () => new CreateEndpointCommand({ EndpointName: 'x', EndpointConfigName: 'none' }), `Could not find endpoint configuration "${arn('endpoint-config/none')}".`],
    ['an absent endpoint', () => new UpdateEndpointCommand({ EndpointName: 'none', EndpointConfigName: 'taken' }), `Could not find endpoint "${arn('endpoint/none')}".`],
    ['a deletion of an absent model', () => new DeleteModelCommand({ ModelName: 'none' }), `Could not find model "${arn('model/none')}".`],
    ['two variants of one name', () => new CreateEndpointConfigCommand({ EndpointConfigName: 'x', ProductionVariants: [variant('taken'), variant('taken')] }), 'Duplicate production variant name: AllTraffic'],
    ['no instances', () => new CreateEndpointConfigCommand({ EndpointConfigName: 'x', ProductionVariants: [{ VariantName: 'v', ModelName: 'taken' }] }), 'must have InstanceType and InitialInstanceCount'],
    ['no container', () => new CreateModelCommand({ ModelName: 'x', ExecutionRoleArn: ROLE }), 'Exactly one of PrimaryContainer and Containers must be given'],
    ['a name with an underscore', () => new CreateModelCommand({ ModelName: 'a_b', ExecutionRoleArn: ROLE, PrimaryContainer: { Image: TRITON } }), 'Value \'a_b\' at \'modelName\' failed to satisfy constraint'],
    ['no instance', () => new CreateEndpointConfigCommand({ EndpointConfigName: 'x', ProductionVariants: [variant('taken', 'v', 0)] }), 'Value \'0\' at \'productionVariants.1.member.initialInstanceCount\' failed to satisfy constraint: Member must have value greater than or equal to 1'],
    ['a role that SageMaker cannot assume', () => new CreateModelCommand({ ModelName: 'x', ExecutionRoleArn: `${ROLE}-other`, PrimaryContainer: { Image: TRITON } }), 'Could not assume role'],
    ['an unknown variant', () => new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'taken', DesiredWeightsAndCapacities: [{ VariantName: 'Blue' }] }), 'The variant name "Blue" was not found'],
  ])('%s', async (_, command, message) => {
    await expect(send(command())).rejects.toMatchObject({ name: 'ValidationException', message: containing(message) });
  });

  test('an endpoint that is being updated', async () => {
    fixture.gate.close();
    await fixture.root.send(new UpdateEndpointCommand({ EndpointName: 'taken', EndpointConfigName: 'taken' }));
    await expect(send(new UpdateEndpointCommand({ EndpointName: 'taken', EndpointConfigName: 'taken' }))).rejects.toMatchObject({
      name: 'ValidationException', message: `Cannot update in-progress endpoint "${arn('endpoint/taken')}".`,
    });
    fixture.gate.open();
    await fixture.reached('taken', 'InService');
  });

  test('a caller without the right to use the configuration', async () => {
    fixture.authority.allowed = (action, resource) => !(action === 'sagemaker:CreateEndpoint' && resource === arn('endpoint-config/taken'));
    await expect(fixture.handler.send(new CreateEndpointCommand({ EndpointName: 'mine', EndpointConfigName: 'taken' }))).rejects.toMatchObject({
      name: 'AccessDeniedException', message: containing('sagemaker:CreateEndpoint on resource: arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/taken'),
    });
    fixture.authority.allowed = () => true;
  });

  test('a caller who may not pass the execution role', async () => {
    fixture.authority.allowed = (action) => action !== 'iam:PassRole';
    await expect(fixture.handler.send(new CreateModelCommand({
      ModelName: 'mine', ExecutionRoleArn: ROLE, PrimaryContainer: { Image: TRITON },
    }))).rejects.toMatchObject({ name: 'AccessDeniedException', message: containing('iam:PassRole') });
    fixture.authority.allowed = () => true;
  });
});

test('descriptions echo the requests, lists have the names, tags are kept', async () => {
  await fixture.model('echo-model', { Tags: [{ Key: 'k', Value: 'v' }], VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] } });
  await fixture.configuration('echo-config', 'echo-model', { KmsKeyId: 'alias/key' });
  await fixture.endpoint('echo-endpoint', 'echo-config');
  const { root } = fixture;
  expect(await root.send(new DescribeModelCommand({ ModelName: 'echo-model' }))).toMatchObject({
    ModelArn: arn('model/echo-model'), ExecutionRoleArn: ROLE, VpcConfig: { SecurityGroupIds: ['sg-1'] }, EnableNetworkIsolation: false,
  });
  expect(await root.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'echo-config' }))).toMatchObject({
    EndpointConfigArn: arn('endpoint-config/echo-config'), KmsKeyId: 'alias/key', ProductionVariants: [variant('echo-model')],
  });
  await root.send(new AddTagsCommand({ ResourceArn: arn('endpoint/echo-endpoint'), Tags: [{ Key: 'stage', Value: 'test' }] }));
  expect((await root.send(new ListTagsCommand({ ResourceArn: arn('model/echo-model') }))).Tags).toEqual([{ Key: 'k', Value: 'v' }]);
  expect((await root.send(new ListTagsCommand({ ResourceArn: arn('endpoint/echo-endpoint') }))).Tags).toEqual([{ Key: 'stage', Value: 'test' }]);
  expect((await root.send(new ListModelsCommand({ NameContains: 'echo' }))).Models).toMatchObject([{ ModelName: 'echo-model' }]);
  expect((await root.send(new ListEndpointConfigsCommand({ NameContains: 'echo' }))).EndpointConfigs).toMatchObject([{ EndpointConfigName: 'echo-config' }]);
  await fixture.reached('echo-endpoint', 'InService');
  expect((await root.send(new ListEndpointsCommand({ NameContains: 'echo', StatusEquals: 'InService' }))).Endpoints).toMatchObject([
    { EndpointName: 'echo-endpoint' },
  ]);
  await root.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'echo-config' }));
  await expect(root.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'echo-config' }))).rejects.toMatchObject({ name: 'ValidationException' });
});

async function broken(): Promise<Buffer> {
  await fixture.storage.putArchive('broken.tar.gz', { 'adder/1/model.onnx': Buffer.from('no model') });
  return fixture.storage.get('s3://models/broken.tar.gz');
}
