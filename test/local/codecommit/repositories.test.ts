import { HANDLER_KEY } from '../sagemaker/fakes';
import { CodeCommitFixture } from './git';

const fixture = new CodeCommitFixture();
const ARN = 'arn:aws:codecommit:us-east-1:000000000000:';
const named = (name: string): Error => expect.objectContaining({ name }) as Error;

beforeAll(() => fixture.start());
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.authority.allowed = () => true;
});

describe('a repository', () => {
  test('has an ID, an ARN, URLs, its description, and no default branch before the first push', async () => {
    const { repositoryMetadata } = await fixture.call('CreateRepository', { repositoryName: 'new', repositoryDescription: 'Houses' });
    expect(repositoryMetadata).toMatchObject({
      repositoryName: 'new', repositoryDescription: 'Houses', accountId: '000000000000', Arn: `${ARN}new`,
      cloneUrlHttp: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/new',
    });
    expect(repositoryMetadata).not.toHaveProperty('defaultBranch');
  });

  test('has the first branch that is pushed as its default one', async () => {
    await fixture.call('CreateRepository', { repositoryName: 'first' });
    await fixture.git('init', '--quiet', '--initial-branch', 'work', 'first');
    await fixture.git('-C', 'first', 'commit', '--quiet', '--allow-empty', '--message', 'One');
    await fixture.git('-C', 'first', 'push', '--quiet', fixture.url('first'), 'work');
    expect(await fixture.call('GetRepository', { repositoryName: 'first' })).toMatchObject({ repositoryMetadata: { defaultBranch: 'work' } });
    expect(await fixture.call('ListBranches', { repositoryName: 'first' })).toEqual({ branches: ['work'] });
  });

  test('tells the commit of a branch, and what is in a commit', async () => {
    const commitId = await fixture.fill('commits');
    expect(await fixture.call('GetBranch', { repositoryName: 'commits', branchName: 'main' })).toEqual({ branch: { branchName: 'main', commitId } });
    expect(await fixture.call('GetCommit', { repositoryName: 'commits', commitId })).toMatchObject({
      commit: {
        commitId, parents: [], message: 'First\n\nIts reason.\n',
        author: { name: 'Ana', email: 'ana@example.com', date: expect.stringMatching(/^\d+ [+-]\d{4}$/) as unknown },
      },
    });
  });

  test('is listed, renamed, described anew, tagged, and deleted twice', async () => {
    await fixture.call('CreateRepository', { repositoryName: 'old', tags: { team: 'a' } });
    await fixture.call('UpdateRepositoryName', { oldName: 'old', newName: 'renamed' });
    await fixture.call('UpdateRepositoryDescription', { repositoryName: 'renamed', repositoryDescription: 'More' });
    await fixture.call('TagResource', { resourceArn: `${ARN}renamed`, tags: { stage: 'b' } });
    await fixture.call('UntagResource', { resourceArn: `${ARN}renamed`, tagKeys: ['team'] });
    expect(await fixture.call('ListTagsForResource', { resourceArn: `${ARN}renamed` })).toEqual({ tags: { stage: 'b' } });
    expect((await fixture.call('ListRepositories', {})).repositories).toContainEqual(expect.objectContaining({ repositoryName: 'renamed' }));
    expect(await fixture.call('DeleteRepository', { repositoryName: 'renamed' })).toHaveProperty('repositoryId');
    expect(await fixture.call('DeleteRepository', { repositoryName: 'renamed' })).toEqual({});
    expect(await fixture.git('ls-remote', fixture.url('renamed'))).toMatchObject({ code: 128 });
  });
});

describe('a call', () => {
  beforeAll(() => fixture.fill('there'));

  test.each([
    ['GetRepository', { repositoryName: 'absent' }, 'RepositoryDoesNotExistException'],
    ['GetBranch', { repositoryName: 'absent', branchName: 'main' }, 'RepositoryDoesNotExistException'],
    ['GetBranch', { repositoryName: 'there', branchName: 'absent' }, 'BranchDoesNotExistException'],
    ['GetBranch', { repositoryName: 'there', branchName: '--help' }, 'BranchDoesNotExistException'],
    ['GetCommit', { repositoryName: 'there', commitId: 'main' }, 'InvalidCommitIdException'],
    ['GetCommit', { repositoryName: 'there', commitId: '0'.repeat(40) }, 'CommitIdDoesNotExistException'],
    ['CreateRepository', { repositoryName: 'there' }, 'RepositoryNameExistsException'],
    ['CreateRepository', { repositoryName: 'there.git' }, 'ValidationException'],
    ['CreateRepository', { repositoryName: '../out' }, 'ValidationException'],
    ['ListRepositories', { nextToken: 'x' }, 'InvalidContinuationTokenException'],
  ])('fails when %s is given %j', async (operation, input, error) => {
    await expect(fixture.call(operation, input)).rejects.toThrow(named(error));
  });

  test('fails when the caller has not the right on this repository', async () => {
    fixture.authority.allowed = (action, resource) => action === 'codecommit:GetBranch' && resource === `${ARN}other`;
    await expect(fixture.call('GetBranch', { repositoryName: 'there', branchName: 'main' }, HANDLER_KEY)).rejects.toThrow(named('AccessDeniedException'));
  });
});
