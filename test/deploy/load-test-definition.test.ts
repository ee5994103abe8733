import { Template } from 'aws-cdk-lib/assertions';
import { FAULTS } from '../lambda/endpoint/load-test/fault-cases';
import { World } from '../lambda/endpoint/load-test/fixture';
import { stackWith } from '../lib/endpoint/load-test-stack';
import { NamedError, StateMachineEngine, type Ended } from './state-machine-engine';

/** The definition, with one ARN for all that CloudFormation fills in. */
function definition(): string {
  const [machine] = Object.values(Template.fromStack(stackWith().stack).findResources('AWS::StepFunctions::StateMachine'));
  const { DefinitionString: text } = machine?.Properties as { DefinitionString: { 'Fn::Join': [string, (string | object)[]] } };
  return text['Fn::Join'][1].map((part) => typeof part === 'string' ? part : 'arn:aws:lambda:us-east-1:000000000000:function:controller').join('');
}

interface Seen { readonly ended: Ended; readonly actions: string[]; readonly waits: number[] }

describe('the state machine of a load test, in the engine of the emulator', () => {
  let engine: StateMachineEngine;

  beforeAll(() => {
    engine = new StateMachineEngine(definition());
  });
  afterAll(() => {
    engine.stop();
  });
  beforeEach(() => {
    jest.spyOn(console, 'log').mockReturnValue(undefined);
  });

  /** @param disturb may throw before the controller is called */
  async function execute(world: World, input: unknown = {}, disturb: (action: string) => void = () => undefined): Promise<Seen> {
    const [actions, waits]: [string[], number[]] = [[], []];
    const ended = await engine.execute('run-1', input, {
      task: async (payload) => {
        const action = String(payload.action);
        actions.push(action);
        disturb(action);
        return world.handle({ ...payload, action });
      },
      wait: (seconds) => {
        waits.push(seconds);
        world.wait(seconds);
      },
    });
    return { ended, actions, waits };
  }

  test('passes where the report does, and its output is the verdict', async () => {
    const world = new World();
    const { ended, actions } = await execute(world);
    expect(ended.status).toBe('SUCCEEDED');
    expect(JSON.parse(String(ended.output))).toMatchObject({ runId: 'run-1', passed: true, report: 's3://results/runs/run-1/report.html' });
    expect(actions[0]).toBe('start');
    expect(actions.slice(-2)).toEqual(['stop', 'report']);
    expect(world.steps().map(({ users }) => users)).toEqual([1, 2, 4]);
  });

  test('waits as long as the controller says, in whole seconds', async () => {
    const { waits } = await execute(new World());
    expect(waits).toEqual(expect.arrayContaining([5, 15, 30]));
    expect(waits.filter((seconds) => !Number.isInteger(seconds))).toEqual([]);
  });

  test('gives the controller the execution\'s input', async () => {
    const world = new World();
    await execute(world, { users: [3] });
    expect(world.steps().map(({ users }) => users)).toEqual([3]);
  });

  test.each(FAULTS)('fails with the reason, its tasks stopped and its place free, when $when', async ({ arrange, settings, input, reason }) => {
    const world = new World(settings);
    arrange?.(world);
    const { ended, actions } = await execute(world, input ?? {});
    expect(ended).toMatchObject({ status: 'FAILED', error: 'LoadTestNotPassed', cause: expect.stringMatching(reason) as unknown });
    expect(actions.slice(-2)).toEqual(['stop', 'report']);
    expect(world.cluster.running()).toEqual([]);
    expect(world.bucket.objects.has('results/lock.json')).toBe(false);
    expect(world.events).toHaveLength(1);
  });

  test.each(['start', 'poll', 'step', 'measure', 'decide'])('stops and reports where %s fails for a reason of its own', async (failing) => {
    const world = new World();
    const { ended, actions } = await execute(world, {}, (action) => {
      if (action === failing) {
        throw new TypeError('a bug');
      }
    });
    expect(ended).toMatchObject({ status: 'FAILED', cause: 'TypeError: a bug' });
    expect(actions.slice(-3)).toEqual([failing, 'stop', 'report']);
    expect(world.cluster.running()).toEqual([]);
  });

  test('reports where its tasks could not be stopped', async () => {
    const { ended, actions } = await execute(new World(), {}, (action) => {
      if (action === 'stop') {
        throw new TypeError('a bug');
      }
    });
    expect(ended).toMatchObject({ status: 'FAILED', cause: 'TypeError: a bug' });
    expect(actions.slice(-2)).toEqual(['stop', 'report']);
  });

  test.each(['TooManyRequestsException', 'ServiceException', 'SdkClientException'])('tries again what %s has kept from running', async (name) => {
    let failed = 0;
    const { ended, actions } = await execute(new World(), {}, (action) => {
      if (action === 'measure' && failed < 2) {
        failed += 1;
        throw new NamedError(`Lambda.${name}`, 'later');
      }
    });
    expect(ended.status).toBe('SUCCEEDED');
    expect(actions.join(' ')).toContain('measure measure measure decide');
  });

  test('stops and reports where Lambda does not come back', async () => {
    const world = new World();
    const { ended, waits } = await execute(world, {}, (action) => {
      if (action === 'measure') {
        throw new NamedError('Lambda.TooManyRequestsException', 'Rate exceeded');
      }
    });
    expect(ended).toMatchObject({ status: 'FAILED', cause: 'Rate exceeded' });
    expect(waits.slice(-6)).toEqual([2, 4, 8, 16, 32, 60]); // the engine waits a minute at most
    expect(world.cluster.running()).toEqual([]);
  });
});
