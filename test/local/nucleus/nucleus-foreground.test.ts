import { setTimeout as sleep } from 'node:timers/promises';
import { NucleusFixture } from './nucleus-fixture';
import { report } from './report';

/** Each trace is that of nucleus classic 2.18.2 with the same recipe, deployed by greengrass-cli. */
describe('a startup step of the local nucleus that goes on in the foreground', () => {
  let fixture: NucleusFixture;
  beforeEach(() => {
    fixture = new NucleusFixture();
  });
  afterEach(async () => {
    await fixture.close();
  });

  const add = (startup: string, timeout = 60): void => {
    fixture.add('app', '1.0.0', {
      lifecycle: {
        startup: { Script: `echo startup >> "$OUT/trace"; echo $$ >> "$OUT/pids"; ${startup}`, Timeout: timeout },
        recover: 'echo recover >> "$OUT/trace"', shutdown: 'echo shutdown >> "$OUT/trace"',
      },
    });
  };
  const trace = (): string => fixture.read('trace').trim().split('\n').join(' ');
  const pids = (): number[] => fixture.read('pids').trim().split('\n').map(Number);
  const app = () => fixture.nucleus.states().app;
  const becomes = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await sleep(20);
    }
  };
  const runs = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  test('has started the component when it reports RUNNING, and is ended after the shutdown step', async () => {
    add(`${report('RUNNING')}; exec sleep 600`);
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    const [pid = 0] = pids();
    expect([app(), runs(pid)]).toEqual([{ version: '1.0.0', state: 'RUNNING' }, true]);
    await fixture.deploy({});
    expect([trace(), runs(pid)]).toEqual(['startup shutdown', false]);
  });

  test('has its time limit until it reports RUNNING', async () => {
    add(`${report('RUNNING')}; exec sleep 600`, 10);
    await fixture.deploy({ app: '1.0.0' });
    await sleep(11_000);
    expect([app()?.state, trace()]).toEqual(['RUNNING', 'startup']);
  }, 60_000);

  test.each([
    ['ends with another code than 0', 'sleep 0.5; exit 5'],
    ['is killed', 'kill -9 $$'],
  ])('that %s is recovered from, shut down and started again', async (_, end) => {
    add(`${report('RUNNING')}; if [ ! -e "$OUT/again" ]; then touch "$OUT/again"; ${end}; fi; exec sleep 600`);
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    await becomes(() => trace() === 'startup recover shutdown startup' && app()?.state === 'RUNNING');
    expect(app()).toEqual({ version: '1.0.0', state: 'RUNNING' });
  });

  test('that fails three times breaks the component, with the code of its end', async () => {
    add(`${report('RUNNING')}; sleep 0.5; exit 5`);
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    await becomes(() => trace().endsWith('startup shutdown'));
    expect(trace()).toBe('startup recover shutdown startup recover shutdown startup shutdown');
    expect(app()).toEqual({
      version: '1.0.0', state: 'BROKEN',
      status: { statusCodes: ['STARTUP_ERROR'], statusReason: 'An error occurred during startup. The startup script exited with code 5.' },
    });
  });

  test('that ends with 0 leaves the component RUNNING', async () => {
    add(`${report('RUNNING')}; sleep 0.5; echo end >> "$OUT/trace"`);
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    await becomes(() => trace().endsWith('end'));
    await sleep(500);
    expect([trace(), app()?.state]).toEqual(['startup end', 'RUNNING']);
  });

  test('that fails before its report fails the deployment', async () => {
    add('exit 24');
    expect(await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING')).toMatchObject({ status: 'FAILED_ROLLBACK_NOT_REQUESTED' });
    expect(app()?.status?.statusReason).toBe('An error occurred during startup. The startup script exited with code 24.');
  });

  test('that reports ERRORED while it goes on is ended, and started again', async () => {
    add(`${report('RUNNING')}; if [ ! -e "$OUT/again" ]; then touch "$OUT/again"; ${report('ERRORED')}; fi; exec sleep 600`);
    await fixture.deploy({ app: '1.0.0' });
    await becomes(() => trace() === 'startup recover shutdown startup' && app()?.state === 'RUNNING');
    expect(runs(pids()[0] ?? 0)).toBe(false);
  });

  test('that reports ERRORED three times breaks the component, without a code', async () => {
    add(`${report('RUNNING')}; ${report('ERRORED')}; exec sleep 600`);
    await fixture.deploy({ app: '1.0.0' });
    await becomes(() => app()?.state === 'BROKEN');
    expect(app()?.status).toEqual({ statusCodes: ['RUN_ERROR'], statusReason: 'An error occurred while running the component.' });
  });

  test('that reports ERRORED before it has started fails the deployment', async () => {
    add(`${report('ERRORED')}; exec sleep 600`);
    expect(await fixture.deploy({ app: '1.0.0' }, 'DO_NOTHING')).toMatchObject({ status: 'FAILED_ROLLBACK_NOT_REQUESTED' });
    expect(app()?.status).toEqual({ statusCodes: ['STARTUP_ERROR'], statusReason: 'An error occurred during startup.' });
  });

  test('that reports RUNNING again changes nothing, and the log says so', async () => {
    add(`${report('RUNNING')}; ${report('RUNNING')}; echo told >> "$OUT/trace"; exec sleep 600`);
    await fixture.deploy({ app: '1.0.0' });
    await becomes(() => trace().endsWith('told'));
    expect([trace(), app()?.state]).toEqual(['startup told', 'RUNNING']);
    expect(fixture.read('root', 'logs', 'app.log')).toContain('Invalid reported state RUNNING');
  });

  test('that is stopped in order has its errors of before forgotten', async () => {
    for (const version of ['1.0.0', '2.0.0']) {
      fixture.add('base', version, { lifecycle: { startup: 'true' } });
    }
    const started = (): number => (trace().match(/startup/g) ?? []).length;
    fixture.add('app', '1.0.0', {
      dependencies: { base: { VersionRequirement: '>=1.0.0', DependencyType: 'HARD' } },
      lifecycle: {
        startup: `echo startup >> "$OUT/trace"; ${report('RUNNING')}; case $(grep -c startup "$OUT/trace") in 3|6) exec sleep 600 ;; esac; sleep 0.3; exit 5`,
      },
    });
    await fixture.deploy({ app: '1.0.0', base: '1.0.0' });
    await becomes(() => started() === 3 && app()?.state === 'RUNNING');
    await fixture.deploy({ app: '1.0.0', base: '2.0.0' });
    await becomes(() => (started() === 6 && app()?.state === 'RUNNING') || app()?.state === 'BROKEN');
    expect(app()?.state).toBe('RUNNING');
  });
});
