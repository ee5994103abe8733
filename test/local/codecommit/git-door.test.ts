import * as fs from 'node:fs';
import { EXPIRED_KEY, HANDLER_ARN } from '../sagemaker/fakes';
import { CodeCommitFixture } from './git';

const fixture = new CodeCommitFixture();
const ARN = 'arn:aws:codecommit:us-east-1:000000000000:';

beforeAll(() => fixture.start());
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.authority.allowed = () => true;
  fixture.log.length = 0;
});

describe('git', () => {
  test('pushes what it clones again, a large file and another branch included', async () => {
    await fixture.fill('whole');
    const { output } = await fixture.git('-C', 'whole', 'rev-parse', '--show-toplevel');
    const folder = output.trim();
    fs.writeFileSync(`${folder}/large.bin`, Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index) % 251)));
    await fixture.git('-C', 'whole', 'checkout', '--quiet', '-b', 'trial');
    await fixture.git('-C', 'whole', 'add', '--all');
    await fixture.git('-C', 'whole', 'commit', '--quiet', '--message', 'Large');
    expect(await fixture.git('-C', 'whole', 'push', fixture.url('whole'), 'trial')).toMatchObject({ code: 0 });
    expect(await fixture.git('clone', '--quiet', '--depth', '1', '--branch', 'trial', fixture.url('whole'), 'again')).toMatchObject({ code: 0 });
    expect(fs.readFileSync(`${folder}/../again/large.bin`).equals(fs.readFileSync(`${folder}/large.bin`))).toBe(true);
  });

  test('asks IAM for a pull and for a push, and both are in the log of requests', async () => {
    await fixture.fill('asked');
    await fixture.git('ls-remote', fixture.url('asked'));
    const asked = fixture.authority.asked.filter(({ resource }) => resource === `${ARN}asked`).map(({ action }) => action);
    expect(new Set(asked)).toEqual(new Set(['codecommit:GitPush', 'codecommit:GitPull']));
    expect(fixture.log).toContainEqual(expect.objectContaining({
      service: 'CodeCommit', operation: 'GitPush', caller: HANDLER_ARN, input: { repositoryName: 'asked' }, status: 200,
    }));
    expect(JSON.stringify(fixture.log)).not.toContain('Z0');
  });

  test('fails when the caller may pull and not push, and nothing is changed', async () => {
    const commit = await fixture.fill('read-only');
    fixture.authority.allowed = (action) => action === 'codecommit:GitPull';
    await fixture.git('-C', 'read-only', 'commit', '--quiet', '--allow-empty', '--message', 'Second');
    const { code, output } = await fixture.git('-C', 'read-only', 'push', fixture.url('read-only'), 'main');
    expect([code, output]).toEqual([128, expect.stringContaining('error: 403')]);
    expect((await fixture.git('ls-remote', fixture.url('read-only'), 'main')).output).toContain(commit);
    expect(fixture.log).toContainEqual(expect.objectContaining({ operation: 'GitPush', status: 403, error: 'AccessDeniedException' }));
  });

  test('fails when the caller may not pull', async () => {
    await fixture.fill('hidden');
    fixture.authority.allowed = () => false;
    expect(await fixture.git('ls-remote', fixture.url('hidden'))).toEqual({ code: 128, output: expect.stringContaining('error: 403') as unknown });
  });

  test('fails when the repository is not there', async () => {
    expect(await fixture.git('ls-remote', fixture.url('absent'))).toEqual({ code: 128, output: expect.stringContaining('not found') as unknown });
  });

  test('fails when the branch is not there', async () => {
    await fixture.fill('branches');
    const { code, output } = await fixture.git('clone', '--quiet', '--branch', 'nothing', fixture.url('branches'), 'none');
    expect([code, output]).toEqual([128, expect.stringContaining('Remote branch nothing not found')]);
  });

  test.each([
    ['nobody has the access key', { accessKeyId: 'ASIANOBODY000001' }],
    ['its session is over', { accessKeyId: EXPIRED_KEY }],
    ['it was made with another secret', { secret: 'other' }],
    ['it is of 16 minutes ago', { at: new Date(Date.now() - 16 * 60_000) }],
  ])('fails when the signature is wrong: %s', async (_, signed) => {
    await fixture.fill(`wrong-${fixture.authority.asked.length}`);
    expect(await fixture.git('ls-remote', fixture.url('whole', signed))).toEqual({ code: 128, output: expect.stringContaining('403') as unknown });
  });

  test('fails when it has no credentials', async () => {
    expect(await fixture.git('ls-remote', `http://${fixture.host}/v1/repos/whole`)).toMatchObject({ code: 128 });
    expect(fixture.log).toEqual([]);
  });
});

test.each([
  '/v1/repos/whole/HEAD', '/v1/repos/whole/info/refs', '/v1/repos/whole/objects/pack', '/v1/repos/../whole/info/refs?service=git-upload-pack',
  '/v1/repos/whole/info/refs?service=git-upload-archive',
])('nothing but git\'s smart protocol is answered: %s', async (target) => {
  expect((await fetch(`http://${fixture.host}${target}`)).status).toBe(404);
});
