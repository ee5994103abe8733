import { createHash } from 'node:crypto';
import {
  CreateComponentVersionCommand, DeleteComponentCommand, DescribeComponentCommand, GetComponentCommand, GreengrassV2Client,
  ListComponentsCommand,
  ListComponentVersionsCommand, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand, type DescribeComponentCommandOutput,
} from '@aws-sdk/client-greengrassv2';
import { recipeOf, type TestComponent } from '../nucleus/nucleus-fixture';
import { REGION, StandInFixture } from './stand-in-fixture';

const ARN = 'arn:aws:greengrass:us-east-1:000000000000:components:app:versions:1.0.0';
const URI = 's3://bucket/app/1.0.0/files.zip';

describe('components of the Greengrass stand-in', () => {
  let fixture: StandInFixture;
  beforeEach(async () => {
    fixture = await StandInFixture.start();
  });
  afterEach(async () => {
    await fixture.close();
  });

  const create = async (component: TestComponent = {}, client = fixture.root, tags?: Record<string, string>) =>
    client.send(new CreateComponentVersionCommand({
      inlineRecipe: Buffer.from(JSON.stringify(recipeOf('app', '1.0.0', component))),
      tags,
    }));
  const settled = async (): Promise<DescribeComponentCommandOutput> => {
    for (;;) {
      const answer = await fixture.root.send(new DescribeComponentCommand({ arn: ARN }));
      if (answer.status?.componentState !== 'REQUESTED') {
        return answer;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
  };

  test('a version is requested at first, then deployable', async () => {
    expect(await create()).toMatchObject({
      arn: ARN,
      componentName: 'app',
      componentVersion: '1.0.0',
      status: { componentState: 'REQUESTED', message: 'NONE', errors: {} },
      creationTimestamp: expect.any(Date) as Date,
    });
    expect(await settled()).toMatchObject({
      arn: ARN,
      status: { componentState: 'DEPLOYABLE' },
      platforms: [{ attributes: { os: 'linux', runtime: '*' } }],
    });
  });

  test('a version cannot be changed, nor made again', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'ConflictException', resourceId: ARN });
    await expect(create({ lifecycle: { run: 'x' } })).rejects.toMatchObject({ name: 'ConflictException' });
  });

  test('a version that exists is refused in AWS\'s words: with its state, or with the tags that it cannot take', async () => {
    await create();
    await settled();
    await expect(create()).rejects
      .toThrow(/^Component \[app : 1\.0\.0\] for account \[\d{12}\] already exists with state: \[DEPLOYABLE\]$/);
    await expect(create({}, fixture.root, { a: 'b' })).rejects
      .toThrow(/^Component \[app : 1\.0\.0\] for account \[\d{12}\] already exists and can't be created again with tags\.$/);
  });

  test('a deleted version can be made again', async () => {
    await create();
    await fixture.root.send(new DeleteComponentCommand({ arn: ARN }));
    await expect(fixture.root.send(new DescribeComponentCommand({ arn: ARN }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(create()).resolves.toMatchObject({ arn: ARN });
  });

  test('a version fails when its artifact is not in S3', async () => {
    await create({ artifacts: [{ Uri: URI, Unarchive: 'ZIP' }] });
    expect(await settled()).toMatchObject({
      status: { componentState: 'FAILED', message: expect.stringContaining('NoSuchKey') as string },
    });
  });

  test('artifacts are read with the rights of the caller, and their digests kept in the recipe', async () => {
    fixture.objects.set(URI, Buffer.from('zip'));
    await create({ artifacts: [{ Uri: URI, Unarchive: 'ZIP' }] }, fixture.handler);
    await settled();
    const { recipe = new Uint8Array() } = await fixture.root.send(new GetComponentCommand({ arn: ARN }));
    expect(JSON.parse(Buffer.from(recipe).toString())).toMatchObject({
      Manifests: [{ Artifacts: [{ Digest: createHash('sha256').update('zip').digest('base64'), Algorithm: 'SHA-256' }] }],
    });
    expect(fixture.readers).toEqual(['arn:aws:iam::000000000000:role/handler']);
  });

  test.each<[string, TestComponent]>([
    ['an unknown key', { recipe: { Extra: 1 } }],
    ['another format version', { recipe: { RecipeFormatVersion: '1' } }],
    ['a version of two parts', { recipe: { ComponentVersion: '1.0' } }],
    ['a version with a part of seven digits', { recipe: { ComponentVersion: '1.0.1000000' } }],
    ['no manifest', { recipe: { Manifests: [] } }], ['Unarchive TAR', { artifacts: [{ Uri: URI, Unarchive: 'TAR' }] }],
    ['a digest of its own', { artifacts: [{ Uri: URI, Digest: 'x', Algorithm: 'SHA-256' }] }],
    ['two artifacts of one name', { artifacts: [{ Uri: URI }, { Uri: 's3://bucket/other/files.zip' }] }],
    ['more than 16 000 bytes', { recipe: { ComponentDescription: 'x'.repeat(16_000) } }],
  ])('a recipe with %s is refused', async (_, component) => {
    await expect(create(component)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('a misspelt step is taken: nobody looks inside a lifecycle', async () => {
    await expect(create({ lifecycle: { Runn: 'x' } })).resolves.toMatchObject({ arn: ARN });
  });

  test('components and versions are listed, and tags kept', async () => {
    await create({}, fixture.root, { team: 'a' });
    await fixture.root.send(new TagResourceCommand({ resourceArn: ARN, tags: { more: 'b' } }));
    await fixture.root.send(new UntagResourceCommand({ resourceArn: ARN, tagKeys: ['team'] }));
    expect((await fixture.root.send(new ListTagsForResourceCommand({ resourceArn: ARN }))).tags).toEqual({ more: 'b' });
    expect((await fixture.root.send(new ListComponentsCommand({}))).components).toMatchObject([{
      componentName: 'app',
      latestVersion: { componentVersion: '1.0.0' },
    }]);
    expect(
      (await fixture.root.send(new ListComponentVersionsCommand({ arn: ARN.replace(':versions:1.0.0', '') }))).componentVersions,
    ).toMatchObject([{ componentVersion: '1.0.0' }]);
  });

  test('a caller needs the action on the very component, and the right to tag where there are tags', async () => {
    fixture.allowed = (action) => action !== 'greengrass:TagResource';
    await create({}, fixture.handler);
    await fixture.root.send(new DeleteComponentCommand({ arn: ARN }));
    await expect(create({}, fixture.handler, { a: 'b' })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('greengrass:TagResource') as string,
    });
    expect(fixture.asked).toContain('greengrass:CreateComponentVersion arn:aws:greengrass:us-east-1:000000000000:components:app');
  });

  test('an unknown caller is refused, and each call is on the log', async () => {
    const stranger = new GreengrassV2Client({
      endpoint: fixture.standIn.url,
      region: REGION,
      maxAttempts: 1,
      credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' },
    });
    await expect(stranger.send(new ListComponentsCommand({}))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    stranger.destroy();
    await create();
    expect(fixture.entries).toMatchObject([
      { service: 'GreengrassV2', operation: 'ListComponents', status: 403, error: 'UnrecognizedClientException' },
      { service: 'GreengrassV2', operation: 'CreateComponentVersion', status: 201, caller: 'arn:aws:iam::000000000000:root' },
    ]);
  });
});
