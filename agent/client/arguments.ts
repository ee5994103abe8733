import { parseArgs } from 'node:util';
import { readBaseline, readPredict, type PredictOptions } from './predict-options';
import { number, UsageError } from './usage';
import type { BaselineOptions } from './baseline';
import { readLoadTest, type LoadTestOptions } from './load-test/options';

/** What is asked of an agent. */
export type AgentCommand =
  | { readonly verb: 'LoadModel'; readonly folder: string; readonly name: string }
  | { readonly verb: 'UnLoadModel' | 'DescribeModel'; readonly name: string }
  | { readonly verb: 'ListModels' }
  | { readonly verb: 'Predict' | 'PredictAndCapture'; readonly name: string; readonly predict: PredictOptions }
  | { readonly verb: 'LoadTest'; readonly name: string; readonly loadTest: LoadTestOptions }
  | { readonly verb: 'Baseline'; readonly name: string; readonly baseline: BaselineOptions }
  | { readonly verb: 'CaptureStatus'; readonly captureId: string };

/** The protocol has no call for metrics: they are read from what the agent wrote. */
export interface MetricsCommand {
  readonly verb: 'Metrics';
  /** `-` is stdin. */
  readonly file: string;
}

export type ClientArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'metrics'; readonly json: boolean; readonly command: MetricsCommand }
  | {
    readonly kind: 'agent';
    readonly json: boolean;
    readonly socketPath: string;
    readonly timeoutMs: number;
    readonly command: AgentCommand;
  };

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        address: { type: 'string', short: 'a' },
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        input: { type: 'string', multiple: true, default: [] },
        shape: { type: 'string' },
        layout: { type: 'string' },
        mean: { type: 'string' },
        std: { type: 'string' },
        fit: { type: 'string' },
        output: { type: 'string' },
        decode: { type: 'string' },
        keys: { type: 'string' },
        labels: { type: 'string' },
        top: { type: 'string' },
        score: { type: 'string' },
        iou: { type: 'string' },
        boxes: { type: 'string' },
        draw: { type: 'string' },
        repeat: { type: 'string' },
        out: { type: 'string' },
        users: { type: 'string' },
        settle: { type: 'string' },
        hold: { type: 'string' },
        target: { type: 'string' },
        p99: { type: 'string' },
        errors: { type: 'string' },
        device: { type: 'string' },
        wait: { type: 'string', default: '0' },
        timeout: { type: 'string', default: '60' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export type Values = ReturnType<typeof parse>['values'];

export function readArguments(args: readonly string[]): ClientArguments {
  const { values, positionals } = parse(args);
  const { json } = values;
  if (values.help) {
    return { kind: 'help' };
  }
  const [verb, ...rest] = positionals;
  if (verb === 'Metrics') {
    return { kind: 'metrics', json, command: { verb, file: exactly(verb, rest, 1).join('') } };
  }
  if (values.address === undefined) {
    throw new UsageError('-a: wanted the agent\'s socket');
  }
  const timeoutMs = number('--timeout', values.timeout) * 1000;
  return { kind: 'agent', json, socketPath: values.address, timeoutMs, command: readCommand(verb, rest, values) };
}

/** Options that LoadTest has alone. */
const OF_LOAD_TEST = ['users', 'settle', 'hold', 'target', 'p99', 'errors', 'device'] as const satisfies readonly (keyof Values)[];

function readCommand(verb: string | undefined, rest: readonly string[], values: Values): AgentCommand {
  const strange = verb === 'LoadTest' ? undefined : OF_LOAD_TEST.find((option) => values[option] !== undefined);
  if (strange !== undefined) {
    throw new UsageError(`--${strange}: wanted LoadTest, got ${verb ?? 'nothing'}`);
  }
  switch (verb) {
    case 'LoadModel': {
      const [folder, name] = exactly(verb, rest, 2);
      return { verb, folder: folder ?? '', name: name ?? '' };
    }
    case 'UnLoadModel':
    case 'DescribeModel': return { verb, name: exactly(verb, rest, 1).join('') };
    case 'ListModels':
      exactly(verb, rest, 0);
      return { verb };
    case 'CaptureStatus': return { verb, captureId: exactly(verb, rest, 1).join('') };
    case 'Predict':
    case 'PredictAndCapture': return { verb, name: rest[0] ?? '', predict: readPredict(verb, rest.slice(1), values) };
    case 'Baseline': {
      const [name = '', folder = ''] = exactly(verb, rest, 2);
      return { verb, name, baseline: readBaseline(folder, values) };
    }
    case 'LoadTest': return { verb, name: rest[0] ?? '', loadTest: readLoadTest(rest.slice(1), values) };
    default: throw new UsageError(`wanted a verb, got ${verb ?? 'nothing'}`);
  }
}

function exactly(verb: string, rest: readonly string[], wanted: number): readonly string[] {
  if (rest.length !== wanted) {
    throw new UsageError(`${verb}: wanted ${wanted} argument(s), got ${rest.length}`);
  }
  return rest;
}
