import { Outcomes } from '../../../../agent/client/load-test/outcomes';

const CLIENT = { cpuPercent: 30, lagMs: 2 };

function grpcError(code: number, message: string): Error {
  return Object.assign(new Error(message), { code });
}

it('counts predictions, their rate and the percentiles of those that succeeded', () => {
  const outcomes = new Outcomes();
  [30, 10, 20].forEach((time) => {
    outcomes.succeeded(time);
  });
  outcomes.failed(grpcError(8, 'later'));
  expect(outcomes.figures(2, CLIENT)).toMatchObject({
    requests: 4, failures: 1, tps: 1.5, p50Ms: 20, p90Ms: 30, p99Ms: 30, workerCpuPercent: 30, workerLagMs: 2,
  });
});

it('counts errors by their code, with the first message', () => {
  const outcomes = new Outcomes();
  outcomes.failed(grpcError(8, 'first'));
  outcomes.failed(grpcError(8, 'second'));
  outcomes.failed(grpcError(14, 'gone'));
  expect(outcomes.figures(1, CLIENT).errors).toEqual([
    { kind: 'throttled', code: 'RESOURCE_EXHAUSTED', count: 2, message: 'first' }, { kind: 'connection', code: 'UNAVAILABLE', count: 1, message: 'gone' },
  ]);
});

it.each([
  [8, 'throttled'], [4, 'timeout'], [14, 'connection'], [1, 'connection'], [3, 'refused'], [5, 'refused'], [12, 'refused'], [9, 'refused'],
  [13, 'model'], [2, 'model'], [99, 'model'],
])('the gRPC code %i is of the kind %s', (code, kind) => {
  const outcomes = new Outcomes();
  outcomes.failed(grpcError(code, ''));
  expect(outcomes.figures(1, CLIENT).errors[0]?.kind).toBe(kind);
});

it('an error without a code is UNKNOWN', () => {
  const outcomes = new Outcomes();
  outcomes.failed(new Error('odd'));
  expect(outcomes.figures(1, CLIENT).errors).toEqual([{ kind: 'model', code: 'UNKNOWN', count: 1, message: 'odd' }]);
});

it('a reset forgets what settled', () => {
  const outcomes = new Outcomes();
  outcomes.succeeded(1);
  outcomes.failed(grpcError(8, ''));
  outcomes.reset();
  expect(outcomes.figures(1, CLIENT)).toMatchObject({ requests: 0, failures: 0, tps: 0, p50Ms: 0, errors: [] });
});
