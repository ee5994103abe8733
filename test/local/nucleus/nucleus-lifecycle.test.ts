import * as fs from 'node:fs';
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import { writeZip } from '../../../lib/private/archive/zip';
import { waitFor } from '../../agent/support/agent-process';
import { NucleusFixture } from './nucleus-fixture';

/** The facts are those of the reference, section 7: what a nucleus classic 2.18 did. */
describe('what the local nucleus does with a deployment', () => {
  let fixture: NucleusFixture;
  beforeEach(() => {
    fixture = new NucleusFixture();
  });
  afterEach(async () => {
    await fixture.close();
  });

  const state = (name: string): string | undefined => fixture.nucleus.states()[name]?.state;
  /** A background process that answers by its file, and is stopped by its pid. */
  const server = (text: string): Record<string, unknown> => ({
    startup: { Script: `(while :; do echo ${text} > "$OUT/alive"; sleep 0.1; done) > /dev/null 2>&1 & echo $! > pid` }, shutdown: 'kill $(cat pid)',
  });

  test('with startup and run, only startup runs', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { startup: 'touch "$OUT/startup"', run: 'touch "$OUT/run"' } });
    await fixture.deploy({ app: '1.0.0' });
    expect([fixture.exists('startup'), fixture.exists('run'), state('app')]).toEqual([true, false, 'RUNNING']);
  });

  test('run counts as running when the process has started, even one that dies', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { run: 'sleep 1.5; exit 1' } });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    await waitFor('the component to be broken', () => state('app') === 'BROKEN');
  });

  test('a run that is a list is run as a broken line', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { run: ['touch', '"$OUT/ran"'] } });
    await fixture.deploy({ app: '1.0.0' });
    expect(fixture.exists('ran')).toBe(false);
  });

  test('three errors break a component, recover runs between them, and the device goes back', async () => {
    fixture.add('app', '1.0.0', { lifecycle: server('old') });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    fixture.add('app', '2.0.0', {
      lifecycle: { startup: 'echo try >> "$OUT/tries"; echo no luck >&2; exit 3', recover: 'echo again >> "$OUT/recovered"' },
    });
    expect(await fixture.deploy({ app: '2.0.0' })).toMatchObject({
      status: 'FAILED_ROLLBACK_COMPLETE',
      reason: 'Service app in broken state after deployment',
    });
    expect([fixture.read('tries').match(/try/g)?.length, fixture.read('recovered').match(/again/g)?.length]).toEqual([3, 2]);
    expect(fixture.nucleus.states()).toEqual({ app: { version: '1.0.0', state: 'RUNNING' } });
    fs.rmSync(path.join(fixture.folder, 'alive'));
    // The shell makes the file before it writes: an empty one says nothing yet.
    await waitFor('a component that answers', () => fixture.exists('alive') && fixture.read('alive') !== '');
    expect(fixture.read('alive').trim()).toBe('old');
  });

  test('with DO_NOTHING the component stays broken, and breaks later deployments', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { startup: 'exit 3' } });
    fixture.add('other', '1.0.0', { lifecycle: { install: 'true' } });
    expect(await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING')).toMatchObject({ status: 'FAILED_ROLLBACK_NOT_REQUESTED' });
    expect(state('app')).toBe('BROKEN');
    expect((await fixture.deploy({ app: '1.0.0', other: '1.0.0' }, 'DO_NOTHING')).status).toBe('FAILED_ROLLBACK_NOT_REQUESTED');
  });

  test('a step that leaves its output to a background process does not end before its timeout', async () => {
    fixture.add('app', '1.0.0', {
      lifecycle: { startup: { Script: 'sleep 3 & echo $! > pid', Timeout: '1' }, shutdown: 'kill $(cat pid)' },
    });
    expect((await fixture.deploy({ app: '1.0.0' })).status).toBe('FAILED_ROLLBACK_COMPLETE');
    expect(fixture.read('root', 'logs', 'app.log')).toContain('startup ended with its timeout');
  });

  test('a hard dependent starts after its dependency, and again with each new version of it', async () => {
    fixture.add('app', '1.0.0', {
      dependencies: { base: { VersionRequirement: '>=1.0.0', DependencyType: 'HARD' } },
      lifecycle: { startup: 'echo app >> "$OUT/order"' },
    });
    for (const version of ['1.0.0', '1.1.0']) {
      fixture.add('base', version, { lifecycle: { startup: `sleep 0.2; echo base ${version} >> "$OUT/order"` } });
    }
    await fixture.deploy({ app: '1.0.0', base: '1.0.0' });
    await fixture.deploy({ app: '1.0.0', base: '1.1.0' });
    expect(fixture.read('order').trim().split('\n')).toEqual(['base 1.0.0', 'app', 'base 1.1.0', 'app']);
  });

  test('a version that a dependent cannot take changes nothing', async () => {
    fixture.add('app', '1.0.0', { dependencies: { base: { VersionRequirement: '=1.0.0' } }, lifecycle: { install: 'touch "$OUT/ran"' } });
    fixture.add('base', '1.1.0', {});
    expect(await fixture.deploy({ app: '1.0.0', base: '1.1.0' })).toMatchObject({
      status: 'FAILED_NO_STATE_CHANGE',
      reason: expect.stringContaining('No local or cloud component version satisfies the requirements') as string,
    });
    expect(fixture.exists('ran')).toBe(false);
  });

  test('what a deployment leaves out is stopped and gone', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { startup: 'true', shutdown: 'touch "$OUT/stopped"' } });
    await fixture.deploy({ app: '1.0.0' });
    expect(await fixture.deploy({})).toEqual({ status: 'SUCCESSFUL' });
    expect([fixture.exists('stopped'), fixture.nucleus.states()]).toEqual([true, {}]);
  });

  test('a component without steps is finished', async () => {
    fixture.add('model', '1.0.0', {});
    await fixture.deploy({ model: '1.0.0' });
    expect(state('model')).toBe('FINISHED');
  });

  test('skipif leaves a step out, a manifest\'s lifecycle hides the recipe\'s, and Setenv of a step wins without expansion', async () => {
    fixture.add('app', '1.0.0', {
      recipe: { Lifecycle: { install: 'touch "$OUT/global"' } },
      lifecycle: {
        Setenv: { A: 'outer' },
        install: { Script: 'touch "$OUT/skipped"', Skipif: 'onpath sh' },
        startup: { Script: 'echo "$A" > "$OUT/said"', Setenv: { A: '$HOME/x' } },
      },
    });
    await fixture.deploy({ app: '1.0.0' });
    expect([fixture.exists('skipped'), fixture.exists('global'), fixture.read('said').trim()]).toEqual([false, false, '$HOME/x']);
  });

  describe('artifacts', () => {
    const uri = 's3://bucket/app/1.0.0/files.zip';
    const folder = (...parts: string[]): string => path.join(
      fixture.folder, 'root', 'packages', 'artifacts-unarchived', 'app', '1.0.0', 'files', ...parts,
    );
    const mode = (file: string): string => (fs.statSync(file).mode & 0o777).toString(8);
    const add = (artifact: Record<string, unknown>, zip = writeZip([{ path: 'bin/tool', content: Buffer.from('x') }])): void => {
      fixture.objects.set(uri, zip ?? Buffer.alloc(0));
      fixture.add('app', '1.0.0', { artifacts: [{ Uri: uri, Unarchive: 'ZIP', ...artifact }] });
    };

    test.each([
      [{}, '440'],
      [{ Read: 'ALL' }, '444'],
      [{ Read: 'ALL', Execute: 'OWNER' }, '554'],
      [{ Read: 'NONE' }, '400'],
      [{ Read: 'NONE', Execute: 'OWNER' }, '550'],
      [{ Read: 'NONE', Execute: 'ALL' }, '555'],
    ] as [Record<string, string>, string][])('permission %j is mode %s', async (Permission, expected) => {
      add({ Permission });
      await fixture.deploy({ app: '1.0.0' });
      expect(mode(folder('bin', 'tool'))).toBe(expected);
    });

    test('a digest with its algorithm is checked, one without is not', async () => {
      add({ Digest: 'wrong' });
      expect((await fixture.deploy({ app: '1.0.0' })).status).toBe('SUCCESSFUL');
      add({ Digest: 'wrong', Algorithm: 'SHA-256' });
      expect((await fixture.deploy({ app: '1.0.0' })).status).toBe('FAILED_NO_STATE_CHANGE');
      add({ Digest: createHash('sha256').update(fixture.objects.get(uri) ?? '').digest('base64'), Algorithm: 'SHA-256' });
      expect((await fixture.deploy({ app: '1.0.0' })).status).toBe('SUCCESSFUL');
    });

    test('an entry outside the folder is refused', async () => {
      add({}, writeZip([{ path: '../../evil', content: Buffer.from('x') }]));
      expect(await fixture.deploy({ app: '1.0.0' })).toMatchObject({
        status: 'FAILED_NO_STATE_CHANGE',
        reason: expect.stringContaining('outside') as string,
      });
    });

    test('a missing artifact changes nothing', async () => {
      add({});
      fixture.objects.clear();
      expect((await fixture.deploy({ app: '1.0.0' })).status).toBe('FAILED_NO_STATE_CHANGE');
    });

    test('the recipes and artifacts of a deployment are kept in the layout of a local deployment', async () => {
      add({});
      await fixture.deploy({ app: '1.0.0' });
      expect([
        fixture.exists('copies', 'recipes', 'app-1.0.0.json'),
        fixture.exists('copies', 'artifacts', 'app', '1.0.0', 'files.zip'),
      ]).toEqual([true, true]);
    });
  });
});
