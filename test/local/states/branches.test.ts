import { text as bodyOf } from 'node:stream/consumers';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';
import { getBranch } from '../../../local/states/branches';

let server: RunningServer;
const asked: unknown[] = [];

beforeAll(async () => {
  server = await listen(answering(async (request, response) => {
    const input = JSON.parse(await bodyOf(request)) as { readonly branchName: string };
    asked.push([request.headers['x-amz-target'], input]);
    const errors: Readonly<Record<string, string>> = { gone: 'BranchDoesNotExistException', closed: 'AccessDeniedException' };
    const { [input.branchName]: error } = errors;
    response.writeHead(error === undefined ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(error === undefined ? { branch: { branchName: 'main', commitId: 'c0ffee' } } : { __type: error, message: 'no' }));
  }));
});
afterAll(async () => {
  await server.close();
});

const branch = async (input: Readonly<Record<string, unknown>>): Promise<object> => getBranch(input, {
  endpoint: server.url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
});

describe('a task that asks CodeCommit for a branch', () => {
  test('has its members with a capital, both ways', async () => {
    expect(await branch({ RepositoryName: 'data', BranchName: 'main' })).toEqual({ Branch: { BranchName: 'main', CommitId: 'c0ffee' } });
    expect(asked).toEqual([['CodeCommit_20150413.GetBranch', { repositoryName: 'data', branchName: 'main' }]]);
  });

  test.each([
    ['the branch is not there', 'gone', 'CodeCommit.BranchDoesNotExistException'],
    ['the role may not', 'closed', 'CodeCommit.CodeCommitException'],
  ])('fails when %s', async (_, BranchName, name) => {
    await expect(branch({ RepositoryName: 'data', BranchName })).rejects.toMatchObject({ name });
  });

  test('fails with a member that CodeCommit does not have', async () => {
    await expect(branch({ Repository: 'data' })).rejects.toMatchObject({ name: 'States.Runtime' });
  });
});
