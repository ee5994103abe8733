import type { PollEvent, ResourceEvent, Started } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';
import { done, waiting, type Outcome, type ResourceHandler } from '../../../lambda/shared/resource-handler';

const EVENT: ResourceEvent = {
  RequestType: 'Create',
  RequestId: 'request-1',
  StackId: 'stack',
  ResourceType: 'Custom::Thing',
  LogicalResourceId: 'Logical',
  ResourceProperties: { Name: 'x' },
};
const POLL: PollEvent = { ...EVENT, PhysicalResourceId: 'id', Since: 1_000 };

/** A handler whose polls find what they are told to. */
class Told implements ResourceHandler {
  public constructor(private readonly outcome: () => Outcome) {}

  public onEvent(): Promise<Started> {
    return Promise.resolve({ PhysicalResourceId: 'id', Since: 1_000 });
  }

  public isComplete(): Promise<Outcome> {
    return Promise.resolve().then(this.outcome);
  }

  public isRetryable(error: unknown): boolean {
    return error instanceof Error && error.name === 'Slow';
  }
}

const run = (event: unknown, outcome = (): Outcome => done(), now = 3_000) =>
  handle({ 'Custom::Thing': () => new Told(outcome) }, { now: () => now }, event);

let lines: unknown[];
beforeEach(() => {
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(JSON.parse(line));
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('the first event goes to the first phase', async () => {
  expect(await run(EVENT)).toEqual({ PhysicalResourceId: 'id', Since: 1_000 });
});

test('an event with what the first phase answered goes to the second', async () => {
  expect(await run(POLL)).toEqual({ IsComplete: true });
});

test('attributes are handed on when the work is done', async () => {
  expect(await run(POLL, () => done({ Address: 'a' }))).toEqual({ IsComplete: true, Data: { Address: 'a' } });
});

test('an answer that waits says for what, and has no attributes', async () => {
  expect(await run(POLL, () => waiting('rain'))).toEqual({ IsComplete: false, For: 'rain' });
});

test('waiting goes on before its limit', async () => {
  expect(await run(POLL, () => waiting('rain', { at: 3_001, reason: 'no rain' }))).toEqual({ IsComplete: false, For: 'rain', Until: 3_001 });
});

test('fails when the limit is reached, with the reason', async () => {
  await expect(run(POLL, () => waiting('rain', { at: 3_000, reason: 'no rain' }))).rejects.toThrow('no rain');
});

test('a reason is cut where CloudFormation would cut it', async () => {
  await expect(run(POLL, () => waiting('rain', { at: 0, reason: 'x'.repeat(2_000) }))).rejects.toThrow(/^x{900}$/);
});

test('an error that may heal is left to the next poll', async () => {
  const slow = Object.assign(new Error('no answer'), { name: 'Slow' });
  expect(await run(POLL, () => {
    throw slow;
  })).toEqual({ IsComplete: false, For: 'another try (Slow: no answer)' });
});

test('fails when an error does not heal', async () => {
  await expect(run(POLL, () => {
    throw new Error('broken');
  })).rejects.toThrow('broken');
});

test('fails when nobody serves the type, and names those that are served', async () => {
  await expect(run({ ...EVENT, ResourceType: 'Custom::Other' })).rejects.toThrow(
    'no handler for resource type Custom::Other: it must be one of Custom::Thing',
  );
});

test('fails when the type is a name that every object has', async () => {
  await expect(run({ ...EVENT, ResourceType: 'constructor' })).rejects.toThrow('no handler for resource type constructor');
});

test.each([
  ['is no object', [], 'the event must be an object, got []'],
  ['is of another request type', { ...EVENT, RequestType: 'Import' }, 'RequestType must be Create, Update or Delete, got "Import"'],
  ['has no stack', { ...EVENT, StackId: undefined }, 'property StackId must be text, got undefined'],
  ['has no properties', { ...EVENT, ResourceProperties: 'x' }, 'ResourceProperties must be an object, got "x"'],
  [
    'has old properties that are none',
    { ...EVENT, RequestType: 'Update', OldResourceProperties: [] },
    'OldResourceProperties must be an object, got []',
  ],
  ['deletes nothing', { ...EVENT, RequestType: 'Delete' }, 'Delete of Logical without a PhysicalResourceId'],
])('fails when the event %s', async (_, event, words) => {
  await expect(run(event)).rejects.toThrow(words);
});

test('no property stands in the log', async () => {
  await run(EVENT);
  expect(lines).toEqual([{ message: 'event', request: 'Create', type: 'Custom::Thing', logicalId: 'Logical' }]);
});
