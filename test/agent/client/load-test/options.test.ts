import { hostname } from 'node:os';
import { readArguments } from '../../../../agent/client/arguments';
import { UsageError } from '../../../../agent/client/usage';

function read(...args: string[]) {
  const given = readArguments(['-a', 'socket', 'LoadTest', 'wines', 'measurements.npy', ...args]);
  return given.kind === 'agent' && given.command.verb === 'LoadTest' ? given.command : undefined;
}

it('has defaults', () => {
  expect(read()).toMatchObject({
    name: 'wines',
    loadTest: {
      predict: { files: [{ path: 'measurements.npy' }] }, plan: { users: [1, 2, 4, 8], settleSeconds: 2, holdSeconds: 10 },
      limits: { errorPercent: 1, maxUsers: 8 }, deviceName: hostname(),
    },
  });
  expect(read()?.loadTest).not.toHaveProperty('outputFile');
});

it('takes all options', () => {
  const args = ['--users', '1,3', '--settle', '0', '--hold', '0.5', '--target', '40', '--p99', '20', '--errors', '0', '--device', 'gate', '--output', 'run.json'];
  expect(read(...args)?.loadTest).toMatchObject({
    plan: { users: [1, 3], settleSeconds: 0, holdSeconds: 0.5 }, limits: { targetTps: 40, p99Ms: 20, errorPercent: 0, maxUsers: 3 },
    deviceName: 'gate', outputFile: 'run.json',
  });
});

it.each([
  [['--users', '0'], '--users: wanted a whole number of at least 1, got 0'],
  [['--users', '1,x'], '--users: wanted a number, got x'],
  [['--users', '4,2'], '--users: wanted numbers that rise, got 4,2'],
  [['--users', '1,1000000'], '--users: wanted at most 1000, got 1000000'],
  [['--hold', '0'], '--hold: wanted at least 0.1, got 0'],
  [['--hold', '3601'], '--hold: wanted at most 3600 seconds, got 3601'],
  [['--settle=-1'], '--settle: wanted at least 0, got -1'],
  [['--target', 'fast'], '--target: wanted a number, got fast'],
  [['--p99=-1'], '--p99: wanted at least 0, got -1'],
  [['--decode', 'classes'], '--decode: wanted Predict, got LoadTest'],
  [['--repeat', '3'], '--repeat: wanted Predict, got LoadTest'],
  [['--out', 'folder'], '--out: wanted Predict, got LoadTest'],
])('fails when given %j', (args, message) => {
  expect(() => read(...args)).toThrow(new UsageError(message));
});

it('fails when another verb gets an option of the load test', () => {
  expect(() => readArguments(['-a', 'socket', 'Predict', 'wines', 'x.npy', '--users', '2'])).toThrow('--users: wanted LoadTest, got Predict');
});

it('fails when no file is given', () => {
  expect(() => readArguments(['-a', 'socket', 'LoadTest', 'wines'])).toThrow('wanted a model and at least one file');
});
