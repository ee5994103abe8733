import { RepositoryHandler } from '../../../local/bridge/handler/code-commit';
import { CodeCommitFixture } from '../codecommit/git';
import { ROOT_KEY, SECRET } from '../sagemaker/fakes';

const fixture = new CodeCommitFixture();
const handler = new RepositoryHandler();
const HOUSES = { RepositoryName: 'houses', RepositoryDescription: 'Data', Tags: [{ Key: 'a', Value: '1' }] };
const ARN = 'arn:aws:codecommit:us-east-1:000000000000:houses';

beforeAll(async () => {
  await fixture.start();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CODECOMMIT: fixture.apiUrl, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: ROOT_KEY, AWS_SECRET_ACCESS_KEY: SECRET,
  });
});
afterAll(() => fixture.close());
afterEach(async () => {
  await handler.delete('', HOUSES);
});

test('a repository is made with its tags, and its attributes are those that CloudFormation gives', async () => {
  const { physicalId, attributes } = await handler.create(HOUSES);
  expect(physicalId).toMatch(/^[0-9a-f-]{36}$/);
  expect(attributes).toEqual({
    Arn: ARN, Name: 'houses', CloneUrlHttp: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/houses',
    CloneUrlSsh: 'ssh://git-codecommit.us-east-1.amazonaws.com/v1/repos/houses',
  });
  expect(await fixture.call('ListTagsForResource', { resourceArn: ARN })).toEqual({ tags: { a: '1' } });
});

test('a change of name, description and tags keeps the repository', async () => {
  const { physicalId } = await handler.create(HOUSES);
  const changed = { RepositoryName: 'homes', Tags: [{ Key: 'b', Value: '2' }] };
  const updated = await handler.update(physicalId, changed, HOUSES);
  expect(updated).toMatchObject({ physicalId, attributes: { Name: 'homes' } });
  expect(await fixture.call('GetRepository', { repositoryName: 'homes' })).toMatchObject({ repositoryMetadata: { repositoryDescription: '' } });
  expect(await fixture.call('ListTagsForResource', { resourceArn: updated.attributes?.Arn })).toEqual({ tags: { b: '2' } });
  await handler.delete(physicalId, changed);
  expect(await fixture.call('ListRepositories', {})).toEqual({ repositories: [] });
});

test('fails when the name is taken, in the service\'s words', async () => {
  await handler.create(HOUSES);
  await expect(handler.create(HOUSES)).rejects.toThrow('Repository named houses already exists');
});

test('fails when it is to be filled from S3', async () => {
  await expect(handler.create({ ...HOUSES, Code: {} })).rejects.toThrow('the local cloud makes repositories without Code');
});
