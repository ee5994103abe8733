import { newEvent, notFound, serviceError, World, yes } from './fixture';

const TYPE = 'Custom::SageMakerEdge-ComponentArtifacts';
const ARN = 'arn:aws:greengrass:eu-west-1:111111111111:components:app';

const properties = (version = '1.0.1', key = 'a b/x.zip'): Record<string, unknown> => ({
  ComponentName: 'app', ComponentVersion: version, ComponentArn: ARN,
  Copies: [{ SourceBucket: 'assets', SourceKey: key, Bucket: 'artifacts', Key: `app/${version}/x.zip` }],
});
const create = (given = properties()) => newEvent(TYPE, 'Create', given);
const update = (given: Record<string, unknown>, old: Record<string, unknown>) => newEvent(TYPE, 'Update', given, { old, physicalId: 'app:old' });
const remove = (version = '1.0.1') => newEvent(TYPE, 'Delete', properties(version), { physicalId: `app:${version}` });
const retained = { tags: { 'cdk-sagemaker-edge:retained': 'true' }, status: { componentState: 'DEPLOYABLE' as const } };
const live = { tags: {}, status: { componentState: 'DEPLOYABLE' as const } };

describe('component artefacts', () => {
  test('are copied on the server, without tags, and the version is the id', async () => {
    const world = new World({ copyObject: yes, describeComponent: notFound });
    const { started, polls } = await world.run(create());
    expect([started.PhysicalResourceId, polls]).toEqual(['app:1.0.1', 1]);
    expect(world.calls).toEqual([
      ['copyObject', { Bucket: 'artifacts', Key: 'app/1.0.1/x.zip', CopySource: 'assets/a%20b/x.zip', TaggingDirective: 'REPLACE' }], ['describeComponent', { arn: `${ARN}:versions:1.0.1` }],
    ]);
  });

  test('are copied in a given version of the object', async () => {
    const world = new World({ copyObject: yes, describeComponent: notFound });
    await world.run(create({ ...properties(), Copies: [{ SourceBucket: 's', SourceKey: 'k', SourceVersion: 'v/1', Bucket: 'b', Key: 'd' }] }));
    expect(world.calls[0]).toEqual(['copyObject', expect.objectContaining({ CopySource: 's/k?versionId=v%2F1' })]);
  });

  test('a component without any needs no copy', async () => {
    const world = new World({ describeComponent: notFound });
    await world.run(create({ ...properties(), Copies: undefined }));
    expect(world.names()).toEqual(['describeComponent']);
  });

  test('unchanged properties are no work', async () => {
    const world = new World({});
    const { started } = await world.run(update(properties(), properties()));
    expect(started.PhysicalResourceId).toBe('app:1.0.1');
  });

  test('the stack\'s own version is never asked to go, whatever its tags', async () => {
    const world = new World({ copyObject: yes });
    await world.run(update(properties('1.0.1', 'new'), properties('1.0.1', 'old')));
    expect(world.names()).toEqual(['copyObject']);
  });

  test('a version that was left makes way, and its going is waited for', async () => {
    let left = 3;
    const world = new World({ copyObject: yes, deleteComponent: yes, describeComponent: () => (left-- > 0 ? Promise.resolve(retained) : notFound()) });
    const { polls } = await world.run(update(properties('1.0.1'), properties('1.0.2')));
    expect(polls).toBe(3);
    expect(world.calls).toContainEqual(['deleteComponent', { arn: `${ARN}:versions:1.0.1` }]);
  });

  test('a version that failed makes way: it can be nobody\'s', async () => {
    let there = true;
    const world = new World({ copyObject: yes, deleteComponent: () => { there = false; return Promise.resolve({}); }, describeComponent: () => (there ? Promise.resolve({ status: { componentState: 'FAILED' as const } }) : notFound()) });
    await world.run(create());
    expect(world.names()).toContain('deleteComponent');
  });

  test('a version that somebody has stays: CloudFormation says so then', async () => {
    const world = new World({ copyObject: yes, describeComponent: () => Promise.resolve(live) });
    await world.run(create());
    expect(world.names()).not.toContain('deleteComponent');
  });

  test('a rollback finds its own version unmarked and leaves it', async () => {
    const world = new World({ copyObject: yes, describeComponent: () => Promise.resolve(live) });
    await world.run(update(properties('1.0.1'), properties('1.0.2')));
    expect(world.names()).toEqual(['copyObject', 'describeComponent']);
  });

  test('a version that will not go fails with what to do', async () => {
    const world = new World({ copyObject: yes, deleteComponent: yes, describeComponent: () => Promise.resolve(retained) });
    await expect(world.run(create(), { polls: 500 })).rejects.toThrow(/app:1\.0\.1, which an earlier deployment left, was asked to go and is still there: delete it, or give another componentVersion/);
  });

  test('a version that CloudFormation retains is marked when the stack lets go of it', async () => {
    const world = new World({ describeComponent: () => Promise.resolve(live), tagResource: yes });
    const { started } = await world.run(remove());
    expect(started.PhysicalResourceId).toBe('app:1.0.1');
    expect(world.calls).toContainEqual(['tagResource', { resourceArn: `${ARN}:versions:1.0.1`, tags: { 'cdk-sagemaker-edge:retained': 'true' } }]);
  });

  test('a version that CloudFormation has deleted is left alone', async () => {
    const world = new World({ describeComponent: notFound });
    await world.run(remove());
    expect(world.names()).toEqual(['describeComponent']);
  });

  test('one that goes while it is marked is success', async () => {
    await expect(new World({ describeComponent: () => Promise.resolve(live), tagResource: notFound }).run(remove())).resolves.toBeDefined();
  });

  test('other failures are not swallowed', async () => {
    const denied = () => Promise.reject(serviceError('AccessDeniedException', 'no greengrass:DescribeComponent'));
    await expect(new World({ describeComponent: denied }).run(remove())).rejects.toThrow('no greengrass:DescribeComponent');
    await expect(new World({ copyObject: denied }).run(create())).rejects.toThrow('no greengrass:DescribeComponent');
  });

  test('a property that is missing is named', async () => {
    await expect(Promise.resolve().then(() => new World({}).onEvent(create({ ...properties(), ComponentName: undefined })))).rejects.toThrow(/property ComponentName must be text, got undefined/);
  });
});
