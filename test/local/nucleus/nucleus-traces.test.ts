import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NucleusFixture, type TestComponent } from './nucleus-fixture';

/** A process that has ended may wait for someone to ask for its code. */
const lives = (pid: number): boolean => {
  const file = `/proc/${pid}/stat`;
  return fs.existsSync(file) && !fs.readFileSync(file, 'utf8').includes(') Z ');
};

const STEPS = ['install', 'startup', 'run', 'recover', 'shutdown', 'uninstall'];

/** Each trace is that of nucleus classic 2.18.2 with the same recipe, deployed by greengrass-cli. */
describe('the steps that the local nucleus runs, as nucleus classic 2.18.2 does', () => {
  let fixture: NucleusFixture;
  beforeEach(() => {
    fixture = new NucleusFixture();
  });
  afterEach(async () => {
    await fixture.close();
  });

  /** Each step notes its name, and then does what it is given. */
  const noting = (steps: Readonly<Record<string, string>>, mark = ''): Record<string, unknown> => Object.fromEntries(
    STEPS.filter((step) => step in steps).map((step) => [step, `echo ${step}${mark} >> "$OUT/trace"; ${steps[step] ?? ''}`]),
  );
  const all = { install: 'true', recover: 'true', shutdown: 'true', uninstall: 'true' };
  const add = (version: string, lifecycle: Readonly<Record<string, unknown>>, more: TestComponent = {}): void => {
    fixture.add('app', version, { ...more, lifecycle });
  };
  const trace = (): string => (fixture.exists('trace') ? fixture.read('trace').trim().split('\n').join(' ') : '');
  const becomes = async (state: string): Promise<void> => {
    while (fixture.nucleus.states().app?.state !== state) {
      await sleep(20);
    }
  };

  test('a startup that fails three times: recover and shutdown between tries, shutdown alone at the end', async () => {
    add('1.0.0', noting({ ...all, startup: 'exit 3' }));
    expect(await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING')).toMatchObject({ status: 'FAILED_ROLLBACK_NOT_REQUESTED' });
    expect(trace()).toBe('install startup recover shutdown startup recover shutdown startup shutdown');
  });

  test('an upgrade that fails: the broken version is shut down once more, the old one is installed again, nothing is uninstalled', async () => {
    add('1.0.0', noting({ ...all, startup: 'true' }, '1'));
    add('2.0.0', noting({ ...all, startup: 'exit 7' }, '2'));
    await fixture.deploy({ app: '1.0.0' });
    expect(await fixture.deploy({ app: '2.0.0' })).toMatchObject({ status: 'FAILED_ROLLBACK_COMPLETE' });
    expect(trace()).toBe(
      'install1 startup1 shutdown1 '
      + 'install2 startup2 recover2 shutdown2 startup2 recover2 shutdown2 startup2 shutdown2 shutdown2 '
      + 'install1 startup1',
    );
  });

  test('an install that fails three times: nothing is shut down', async () => {
    add('1.0.0', noting({ ...all, install: 'exit 3' }));
    expect(await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING')).toMatchObject({ status: 'FAILED_ROLLBACK_NOT_REQUESTED' });
    expect(trace()).toBe('install recover install recover install');
  });

  test('a run that ends with an error after more than a second: the deployment has succeeded, the component breaks', async () => {
    add('1.0.0', noting({ ...all, run: 'sleep 1.5; exit 5' }));
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    await becomes('BROKEN');
    while (!trace().endsWith('run shutdown')) {
      await sleep(20);
    }
    expect(trace()).toBe('install run recover shutdown run recover shutdown run shutdown');
  });

  test('a run that ends with an error at once, three times before the nucleus looks: the deployment has failed', async () => {
    add('1.0.0', { run: 'exit 3' });
    expect(await fixture.deploy({ app: '1.0.0' })).toMatchObject({ status: 'FAILED_ROLLBACK_COMPLETE' });
  });

  test('a broken component is shut down, installed and started again by the next deployment, also by one of another component', async () => {
    add('1.0.0', noting({ ...all, startup: 'test -e "$OUT/mended"' }));
    await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING');
    fs.writeFileSync(path.join(fixture.folder, 'mended'), '');
    fs.rmSync(path.join(fixture.folder, 'trace'));
    fixture.add('other', '1.0.0', {});
    expect(await fixture.deploy({ app: '1.0.0', other: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    expect([trace(), fixture.nucleus.states().app?.state]).toEqual(['shutdown install startup', 'RUNNING']);
  });

  test('a run that ends well is shut down, and finished', async () => {
    add('1.0.0', noting({ ...all, run: 'true' }));
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    await becomes('FINISHED');
    expect(trace()).toBe('install run shutdown');
  });

  test('a startup that Skipif leaves out lets run have its turn', async () => {
    add('1.0.0', { ...noting({ run: 'true', shutdown: 'true' }), startup: { Script: 'touch "$OUT/started"', Skipif: 'onpath sh' } });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    await becomes('FINISHED');
    expect([trace(), fixture.exists('started')]).toEqual(['run shutdown', false]);
  });

  test('a startup at its timeout is ended with its children', async () => {
    add('1.0.0', { ...noting({ recover: 'true', shutdown: 'true' }), startup: { Script: 'sleep 600 & echo $! >> "$OUT/children"; sleep 600', Timeout: 1 } });
    expect(await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING')).toMatchObject({ status: 'FAILED_ROLLBACK_NOT_REQUESTED' });
    expect(trace()).toBe('recover shutdown recover shutdown shutdown');
    const children = fixture.read('children').trim().split('\n').map(Number);
    expect(children).toHaveLength(3);
    expect(children.filter(lives)).toEqual([]);
  });

  test('a removal runs uninstall after shutdown, an upgrade does not', async () => {
    add('1.0.0', noting({ ...all, startup: 'true' }, '1'));
    add('2.0.0', noting({ ...all, startup: 'true' }, '2'));
    await fixture.deploy({ app: '1.0.0' });
    await fixture.deploy({ app: '2.0.0' });
    await fixture.deploy({});
    expect(trace()).toBe('install1 startup1 shutdown1 install2 startup2 shutdown2 uninstall2');
  });

  test('a changed configuration that the lifecycle uses restarts without an installation', async () => {
    add('1.0.0', noting({ ...all, startup: 'echo {configuration:/level} >> "$OUT/trace"' }), { configuration: { level: 'low' } });
    await fixture.deploy({ app: '1.0.0' });
    await fixture.deploy({ app: { version: '1.0.0', merge: { level: 'high' } } });
    expect(trace()).toBe('install startup low shutdown startup high');
  });

  test('a changed configuration that the install step uses installs again', async () => {
    add('1.0.0', noting({ ...all, install: 'echo {configuration:/level} >> "$OUT/trace"', startup: 'true' }), { configuration: { level: 'low' } });
    await fixture.deploy({ app: '1.0.0' });
    await fixture.deploy({ app: { version: '1.0.0', merge: { level: 'high' } } });
    expect(trace()).toBe('install low startup shutdown install high startup');
  });

  test('a changed configuration that no step uses reaches no process', async () => {
    add('1.0.0', noting({ ...all, startup: 'true' }), { configuration: { level: 'low' } });
    await fixture.deploy({ app: '1.0.0' });
    expect(await fixture.deploy({ app: { version: '1.0.0', merge: { level: 'high' } } })).toEqual({ status: 'SUCCESSFUL' });
    expect(trace()).toBe('install startup');
  });

  test('a component without a process has nothing to shut down, and is uninstalled', async () => {
    add('1.0.0', noting(all));
    await fixture.deploy({ app: '1.0.0' });
    await fixture.deploy({});
    expect(trace()).toBe('install uninstall');
  });
});

/** The texts are those of nucleus classic 2.18.2: greengrass-cli, and the messages of its fleet status. */
describe('what the local nucleus says of a failure', () => {
  let fixture: NucleusFixture;
  beforeEach(() => {
    fixture = new NucleusFixture();
  });
  afterEach(async () => {
    await fixture.close();
  });

  test('of the deployment: which component is broken, and no word of the component\'s', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { startup: 'echo no luck >&2; exit 3' } });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({
      status: 'FAILED_ROLLBACK_COMPLETE',
      reason: 'Service app in broken state after deployment',
      errorStack: ['DEPLOYMENT_FAILURE', 'COMPONENT_UPDATE_ERROR', 'COMPONENT_BROKEN'],
      errorTypes: ['USER_COMPONENT_ERROR'],
    });
    expect(fixture.read('root', 'logs', 'app.log')).toContain('no luck');
  });

  test.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    ['startup', { startup: 'exit 42' }, 'STARTUP_ERROR', 'An error occurred during startup. The startup script exited with code 42.'],
    ['install', { install: 'exit 4' }, 'INSTALL_ERROR', 'An error occurred during installation. The install script exited with code 4.'],
    ['run', { run: 'exit 5' }, 'RUN_ERROR', 'An error occurred while running the component. The run script exited with code 5.'],
    [
      'startup at its timeout', { startup: { Script: 'sleep 600', Timeout: 1 } }, 'STARTUP_TIMEOUT',
      "Startup script didn't finish within the timeout period. Increase the timeout to give it more time to run or check your code.",
    ],
  ])('of the component, for %s: the step and its exit code', async (_, lifecycle, code, statusReason) => {
    fixture.add('app', '1.0.0', { lifecycle });
    await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING');
    expect(fixture.nucleus.states().app).toEqual({ version: '1.0.0', state: 'BROKEN', status: { statusCodes: [code], statusReason } });
  });

  test('of a component that is back on its old version: nothing', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { startup: 'true' } });
    fixture.add('app', '2.0.0', { lifecycle: { startup: 'exit 1' } });
    await fixture.deploy({ app: '1.0.0' });
    await fixture.deploy({ app: '2.0.0' });
    expect(fixture.nucleus.states().app).toEqual({ version: '1.0.0', state: 'RUNNING' });
  });
});
