import { FakeAws, newEvent, notFound, serviceError, yes } from './fixture';

const TYPE = 'Custom::SageMakerEdge-ComponentArtifacts';
const ARN = 'arn:aws:greengrass:eu-west-1:111111111111:components:app';

const properties = (version = '1.0.1', key = 'a b/x.zip'): Record<string, unknown> => ({
  ComponentName: 'app', ComponentVersion: version, ComponentArn: ARN, Owner: 'stack/app',
  Copies: [{ SourceBucket: 'assets', SourceKey: key, Bucket: 'artifacts', Key: `app/${version}/x.zip` }],
});
const create = (given = properties()) => newEvent(TYPE, 'Create', given);
const update = (given: Record<string, unknown>, old: Record<string, unknown>) =>
  newEvent(TYPE, 'Update', given, { old, physicalId: 'app:old' });
const remove = (version = '1.0.1') => newEvent(TYPE, 'Delete', properties(version), { physicalId: `app:${version}` });
const retained = { tags: { 'cdk-sagemaker-edge:retained': 'true' }, status: { componentState: 'DEPLOYABLE' as const } };
const live = { tags: { 'cdk-sagemaker-edge:owner': 'stack/app' }, status: { componentState: 'DEPLOYABLE' as const } };
const theirs = { tags: { 'cdk-sagemaker-edge:owner': 'other/app' }, status: { componentState: 'DEPLOYABLE' as const } };
const going = { ...live, status: { componentState: 'DEPLOYABLE' as const, vendorGuidance: 'DELETED' as const } };

describe('component artifacts', () => {
  test('are copied on the server, without tags, and the version is the id', async () => {
    const aws = new FakeAws({ copyObject: yes, describeComponent: notFound });
    const { started, polls } = await aws.run(create());
    expect([started.PhysicalResourceId, polls]).toEqual(['app:1.0.1', 1]);
    expect(aws.calls).toEqual([
      ['describeComponent', { arn: `${ARN}:versions:1.0.1` }],
      ['copyObject', { Bucket: 'artifacts', Key: 'app/1.0.1/x.zip', CopySource: 'assets/a%20b/x.zip', TaggingDirective: 'REPLACE' }],
    ]);
  });

  test('are copied in a given version of the object', async () => {
    const aws = new FakeAws({ copyObject: yes, describeComponent: notFound });
    await aws.run(create({
      ...properties(),
      Copies: [{ SourceBucket: 's', SourceKey: 'k', SourceVersion: 'v/1', Bucket: 'b', Key: 'd' }],
    }));
    expect(aws.calls[1]).toEqual(['copyObject', expect.objectContaining({ CopySource: 's/k?versionId=v%2F1' })]);
  });

  test('a component without any needs no copy', async () => {
    const aws = new FakeAws({ describeComponent: notFound });
    await aws.run(create({ ...properties(), Copies: undefined }));
    expect(aws.names()).toEqual(['describeComponent']);
  });

  test('unchanged properties are no work', async () => {
    const aws = new FakeAws({});
    const { started } = await aws.run(update(properties(), properties()));
    expect(started.PhysicalResourceId).toBe('app:1.0.1');
  });

  test('the stack\'s own version is never asked to go, whatever its tags', async () => {
    const aws = new FakeAws({ copyObject: yes });
    await aws.run(update(properties('1.0.1', 'new'), properties('1.0.1', 'old')));
    expect(aws.names()).toEqual(['copyObject']);
  });

  test('a version that was left makes way, and its going is waited for', async () => {
    let left = 3;
    const aws = new FakeAws({
      copyObject: yes,
      deleteComponent: yes,
      describeComponent: () => (left-- > 0 ? Promise.resolve(retained) : notFound()),
    });
    const { polls } = await aws.run(update(properties('1.0.1'), properties('1.0.2')));
    expect(polls).toBe(4);
    expect(aws.calls).toContainEqual(['deleteComponent', { arn: `${ARN}:versions:1.0.1` }]);
  });

  test('a version that failed makes way: it can be nobody\'s', async () => {
    let there = true;
    const aws = new FakeAws({
      copyObject: yes,
      deleteComponent: () => {
        there = false;
        return Promise.resolve({});
      },
      describeComponent: () => (there ? Promise.resolve({ status: { componentState: 'FAILED' as const } }) : notFound()),
    });
    await aws.run(create());
    expect(aws.names()).toContain('deleteComponent');
  });

  test('a version that is being deleted is waited for, and not deleted once more', async () => {
    let left = 3;
    const aws = new FakeAws({ copyObject: yes, describeComponent: () => (left-- > 0 ? Promise.resolve(going) : notFound()) });
    expect((await aws.run(create())).polls).toBe(4);
  });

  test.each([
    ['another stack', theirs, /app:1\.0\.1 exists already, and was made elsewhere, by other\/app: give another/],
    ['somebody', { ...live, tags: {} }, /was made elsewhere: give another/],
  ])('a version of %s stays as it is, with its artifacts', async (_, component, words) => {
    const aws = new FakeAws({ describeComponent: () => Promise.resolve(component) });
    await expect(aws.run(create())).rejects.toThrow(words);
    expect(aws.names()).toEqual(['describeComponent']);
  });

  test('a stack that could not make a version, since another has it, does not mark that one as left', async () => {
    const aws = new FakeAws({ describeComponent: () => Promise.resolve(theirs) });
    await aws.run(remove());
    expect(aws.names()).toEqual(['describeComponent']);
  });

  test('a rollback finds its own version and leaves it as it is', async () => {
    const aws = new FakeAws({ describeComponent: () => Promise.resolve(live) });
    await aws.run(update(properties('1.0.1'), properties('1.0.2')));
    expect(aws.names()).toEqual(['describeComponent']);
  });

  test('the rollback of an update that was not answered takes its artifacts back: no Delete comes for them', async () => {
    const aws = new FakeAws({
      describeComponent: ({ arn = '' }) => (arn.endsWith('1.0.1') ? Promise.resolve(live) : notFound()),
      deleteObject: yes,
    });
    await aws.run(newEvent(TYPE, 'Update', properties('1.0.1'), { old: properties('1.0.2'), physicalId: 'app:1.0.1' }));
    expect(aws.calls).toContainEqual(['deleteObject', { Bucket: 'artifacts', Key: 'app/1.0.2/x.zip' }]);
  });

  test('the first phase does nothing: were it to fail in it, the Delete would do nothing', async () => {
    const aws = new FakeAws({});
    for (const event of [create(), update(properties('1.0.1'), properties('1.0.2')), remove()]) {
      await aws.onEvent(event);
    }
    expect(aws.calls).toEqual([]);
  });

  test('a Delete under an invented id takes back what the cancelled create does after it', async () => {
    const objects = new Set<string>();
    const aws = new FakeAws({
      describeComponent: notFound,
      copyObject: ({ Key = '' }) => {
        objects.add(Key);
        return Promise.resolve({});
      },
      deleteObject: ({ Key = '' }) => {
        objects.delete(Key);
        return Promise.resolve({});
      },
    });
    const event = newEvent(TYPE, 'Delete', properties(), { physicalId: 'Stack-Logical-1ABC' });
    await aws.onEvent(event);
    await aws.run(create());
    expect(objects.size).toBe(1);
    const { polls } = await aws.run(event, { polls: 200 });
    expect([objects.size, polls]).toEqual([0, 133]); // the longest that the copies take, and a little more
  });

  test('a version that will not go fails with what to do', async () => {
    const aws = new FakeAws({ copyObject: yes, deleteComponent: yes, describeComponent: () => Promise.resolve(retained) });
    await expect(aws.run(create(), { polls: 500 })).rejects.toThrow('app:1.0.1, which an earlier deployment left, '
      + 'was asked to go and is still there: delete it, or give another componentVersion');
  });

  test('a version that CloudFormation retains is marked when the stack lets go of it', async () => {
    const aws = new FakeAws({ describeComponent: () => Promise.resolve(live), tagResource: yes });
    const { started } = await aws.run(remove());
    expect(started.PhysicalResourceId).toBe('app:1.0.1');
    expect(aws.calls).toContainEqual([
      'tagResource',
      { resourceArn: `${ARN}:versions:1.0.1`, tags: { 'cdk-sagemaker-edge:retained': 'true' } },
    ]);
  });

  test.each([
    ['has deleted', notFound],
    ['is deleting', () => Promise.resolve(going)],
  ])('the artifacts of a version that CloudFormation %s go with it', async (_, describeComponent) => {
    const aws = new FakeAws({ describeComponent, deleteObject: yes });
    await aws.run(remove());
    expect(aws.calls.slice(1)).toEqual([['deleteObject', { Bucket: 'artifacts', Key: 'app/1.0.1/x.zip' }]]);
  });

  test('artifacts whose bucket is gone are gone', async () => {
    const aws = new FakeAws({ describeComponent: notFound, deleteObject: () => Promise.reject(serviceError('NoSuchBucket')) });
    await expect(aws.run(remove())).resolves.toBeDefined();
  });

  test('one that goes while it is marked is success', async () => {
    const aws = new FakeAws({ describeComponent: () => Promise.resolve(live), tagResource: notFound });
    await expect(aws.run(remove())).resolves.toBeDefined();
  });

  test('other failures are not swallowed', async () => {
    const denied = () => Promise.reject(serviceError('AccessDeniedException', 'no greengrass:DescribeComponent'));
    await expect(new FakeAws({ describeComponent: denied }).run(remove())).rejects.toThrow('no greengrass:DescribeComponent');
    const removing = new FakeAws({ describeComponent: notFound, deleteObject: denied });
    await expect(removing.run(remove())).rejects.toThrow('no greengrass:DescribeComponent');
    const creating = new FakeAws({ describeComponent: notFound, copyObject: denied });
    await expect(creating.run(create())).rejects.toThrow('no greengrass:DescribeComponent');
  });

  test('a property that is missing is named', async () => {
    const event = create({ ...properties(), ComponentName: undefined });
    await expect(new FakeAws({}).onEvent(event)).rejects.toThrow(/property ComponentName must be text, got undefined/);
  });
});
