import type { IsCompleteResult, PollEvent, ResourceEvent, Started } from '../../../lambda/shared/events';
import { CREATE_FAILED, Lifecycle, type Limits, type Phase } from '../../../lambda/shared/lifecycle';

const URL = 'https://cloudformation.example/answer?signature=secret';
const EVENT = {
  RequestType: 'Create', RequestId: 'request-1', StackId: 'stack', ResourceType: 'Custom::Thing', LogicalResourceId: 'Logical',
  ResourceProperties: { Name: 'x', Password: 'hidden' }, ResponseURL: URL,
};
const POLL = { ...EVENT, PhysicalResourceId: 'id', Since: 0 };
const LIMITS: Limits = { phase: () => 60_000, total: 3_600_000 };
const MINUTE = 60_000;

type Answer = Started | IsCompleteResult;

/** One invocation, on a clock of its own. */
class Run {
  public now = 0;
  public ends = 900_000;
  public readonly answers: Record<string, unknown>[] = [];
  public readonly urls: string[] = [];
  public readonly next: unknown[] = [];
  public readonly phases: (ResourceEvent | PollEvent)[] = [];
  public goOnError: Error | undefined;

  public constructor(private readonly phase: (poll: number, phase: Phase) => Answer | Promise<Answer>) {}

  public async serve(event: unknown): Promise<Record<string, unknown> | undefined> {
    const lifecycle = new Lifecycle(async (given, phase) => {
      this.phases.push(given);
      return this.phase(this.phases.length, phase);
    }, LIMITS, {
      now: () => this.now,
      remaining: () => this.ends - this.now,
      sleep: (ms) => {
        this.now += ms;
        return Promise.resolve();
      },
      limit: (work, ms, message) => {
        this.limits.push([ms, message]);
        return work(new AbortController().signal);
      },
      answer: (url, body) => {
        this.urls.push(url);
        this.answers.push(JSON.parse(body) as Record<string, unknown>);
        return Promise.resolve();
      },
      goOn: (next) => {
        this.next.push(next);
        return this.goOnError ? Promise.reject(this.goOnError) : Promise.resolve();
      },
    });
    await lifecycle.serve(event);
    return this.answers.at(0);
  }

  public readonly limits: [ms: number, message: string][] = [];
}

const waits = (what = 'rain', until?: number): IsCompleteResult => ({
  IsComplete: false, For: what, ...(until === undefined ? {} : { Until: until }),
});
const fails = (error: Error) => new Run(() => Promise.reject(error));

let lines: Record<string, unknown>[];
beforeEach(() => {
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('the first invocation', () => {
  test('carries out the first phase, and has the next one go on with what it answered', async () => {
    const run = new Run(() => ({ PhysicalResourceId: 'id', Since: 7 }));
    expect(await run.serve(EVENT)).toBeUndefined();
    expect(run.next).toEqual([{ ...EVENT, PhysicalResourceId: 'id', Since: 7 }]);
  });

  test('keeps the address of the answer from the handler', async () => {
    const run = new Run(() => ({ PhysicalResourceId: 'id', Since: 7 }));
    await run.serve(EVENT);
    expect(run.phases).toEqual([expect.not.objectContaining({ ResponseURL: expect.anything() as unknown })]);
  });

  test('answers a Create that fails with an id whose Delete does nothing', async () => {
    expect(await fails(new Error('broken')).serve(EVENT)).toEqual({
      StackId: 'stack', RequestId: 'request-1', LogicalResourceId: 'Logical',
      Status: 'FAILED', Reason: 'broken', PhysicalResourceId: CREATE_FAILED,
    });
  });

  test('answers an Update that fails with the id that came', async () => {
    expect(await fails(new Error('broken')).serve({ ...EVENT, RequestType: 'Update', PhysicalResourceId: 'old' }))
      .toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'old' });
  });

  test('answers with the id that was begun where nobody can go on: its Delete takes back what was done', async () => {
    const run = new Run(() => ({ PhysicalResourceId: 'id', Since: 7 }));
    run.goOnError = new Error('the handler could not be invoked to go on: Throttled');
    expect(await run.serve(EVENT)).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'id', Reason: expect.stringContaining('go on') as unknown });
  });

  test('answers the Delete of a create that has failed, and asks nobody', async () => {
    const run = fails(new Error('never'));
    expect(await run.serve({ ...EVENT, RequestType: 'Delete', PhysicalResourceId: CREATE_FAILED }))
      .toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: CREATE_FAILED });
    expect(run.phases).toEqual([]);
  });

  test('fails when the event has no address for the answer', async () => {
    await expect(fails(new Error('never')).serve({ ...EVENT, ResponseURL: undefined })).rejects.toThrow('property ResponseURL must be text');
  });

  test('fails when a poll answers in its place', async () => {
    expect(await new Run(() => waits()).serve(EVENT)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('as a poll does') as unknown });
  });
});

describe('polls', () => {
  test('go on every five seconds until the work is done, in one invocation', async () => {
    const run = new Run((poll) => poll < 4 ? waits() : { IsComplete: true });
    expect(await run.serve(POLL)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'id' });
    expect([run.now, run.next]).toEqual([15_000, []]);
  });

  test('answer with the attributes of both phases', async () => {
    const run = new Run(() => ({ IsComplete: true, Data: { B: '2' } }));
    expect(await run.serve({ ...POLL, Data: { A: '1' } })).toMatchObject({ Data: { A: '1', B: '2' } });
    expect(run.urls).toEqual([URL]);
  });

  test('that fail are answered with the id that was begun: its Delete takes back what was done', async () => {
    expect(await fails(new Error('broken')).serve(POLL)).toMatchObject({ Status: 'FAILED', Reason: 'broken', PhysicalResourceId: 'id' });
  });

  test('that a service refuses are answered in its words, with the name of the error', async () => {
    const refused = Object.assign(new Error('not you'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
    expect(await fails(refused).serve(POLL)).toMatchObject({ Reason: 'AccessDeniedException: not you' });
  });

  test('end with this invocation as long as there is time for a whole phase and the answer, and go on in the next with the same event', async () => {
    const run = new Run(() => waits());
    expect(await run.serve(POLL)).toBeUndefined();
    expect(run.next).toEqual([POLL]);
    expect(run.ends - run.now).toBeLessThan(60_000 + 75_000);
    expect(run.ends - run.now).toBeGreaterThan(60_000 + 65_000);
  });

  test('fails when nothing ends the wait, before CloudFormation gives up', async () => {
    const run = new Run(() => waits());
    run.now = 3_600_000;
    run.ends = 4_500_000;
    expect(await run.serve(POLL)).toMatchObject({ Status: 'FAILED', Reason: 'nothing has ended the wait for rain within 60 minutes' });
  });

  test('fails when the next invocation cannot be begun, with the id that was begun', async () => {
    const run = new Run(() => waits());
    run.goOnError = new Error('the handler could not be invoked to go on: Throttled');
    expect(await run.serve(POLL)).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'id' });
  });
});

describe('a phase', () => {
  test('has its time, and a message that names the resource', async () => {
    const run = new Run(() => ({ IsComplete: true }));
    await run.serve(POLL);
    expect(run.limits).toEqual([[60_000, 'Custom::Thing Logical: a call was not answered within 60 seconds']]);
  });

  test('knows how much of it is left', async () => {
    const left: number[] = [];
    const run = new Run((_, phase) => {
      run.now += 20_000;
      left.push(phase.remaining());
      return { IsComplete: true };
    });
    await run.serve(POLL);
    expect(left).toEqual([40_000]);
  });
});

describe('the log of a wait', () => {
  const waitLines = () => lines.filter(({ message }) => message === 'waiting');

  test('says once a minute what is waited for, since when and until when', async () => {
    const run = new Run((poll) => poll < 26 ? waits('rain', 10 * MINUTE) : { IsComplete: true });
    await run.serve(POLL);
    const line = { message: 'waiting', logicalId: 'Logical', for: 'rain', since: '1970-01-01T00:00:00.000Z', until: '1970-01-01T00:10:00.000Z' };
    expect(waitLines()).toEqual([line, line, line]); // at once, and after one and two of its 125 seconds
  });

  test('names the end of all polls where the wait has none of its own', async () => {
    await new Run((poll) => poll < 2 ? waits() : { IsComplete: true }).serve(POLL);
    expect(waitLines()).toEqual([expect.objectContaining({ until: '1970-01-01T01:00:00.000Z' })]);
  });

  test('holds no property and no address', async () => {
    const run = new Run((poll) => poll < 20 ? waits() : Promise.reject(new Error('broken')));
    await run.serve(POLL);
    expect(JSON.stringify(lines)).not.toMatch(/hidden|secret/);
  });
});
