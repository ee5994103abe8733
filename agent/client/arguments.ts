import { parseArgs } from 'node:util';
import type { InputOptions } from './inputs';

export const USAGE = `usage: node agent-client.js -a <socket path> <verb> …

  LoadModel <folder> <name>        loads the model package in a folder
  UnLoadModel <name>
  ListModels
  DescribeModel <name>
  Predict <name> <file>…           a file an input, in the model's order, or --input <name>=<file>
  PredictAndCapture <name> <file>… the same, and captures the tensors; prints the capture's id
  CaptureStatus <capture id>

A file is an image (JPEG, PNG, BMP), .npy, or the tensor's raw bytes.
As with AWS's client, a file may be followed by <input name> [NCHW|NHWC] <dimensions>.

  --json                 JSON instead of a short table
  --input <name>=<file>  again for each input
  --shape 1,3,48,320     dimensions that the model leaves open
  --layout NCHW|NHWC     of an image's tensor; otherwise from the shape
  --mean 0.5 --std 0.5   of an image: (value / 255 - mean) / std; otherwise 0 and 1
  --fit stretch|pad      of an image; pad keeps the proportions and fills up at the right
  --decode ctc --keys <file>   the text that a recogniser of PaddleOCR's kind reads; sets mean, std, fit and 1,3,48,320
  --out <folder>         writes each output as .npy
  --wait <seconds>       PredictAndCapture: until the capture is uploaded
  --timeout <seconds>    of a call; otherwise 60`;

export type Command =
  | { readonly verb: 'LoadModel'; readonly folder: string; readonly name: string }
  | { readonly verb: 'UnLoadModel' | 'DescribeModel'; readonly name: string }
  | { readonly verb: 'ListModels' }
  | { readonly verb: 'Predict' | 'PredictAndCapture'; readonly name: string; readonly predict: PredictOptions }
  | { readonly verb: 'CaptureStatus'; readonly captureId: string };

export interface PredictOptions {
  /** Files with the names of their inputs. Without a name the place counts. */
  readonly files: readonly { readonly input?: string; readonly path: string }[];
  readonly inputs: InputOptions;
  readonly keysFile?: string;
  readonly outFolder?: string;
  readonly waitSeconds: number;
}

export interface ClientArguments {
  readonly socketPath: string;
  readonly json: boolean;
  readonly timeoutMs: number;
  readonly command: Command;
}

/** Wrong usage. The message says what was wanted. */
export class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        address: { type: 'string', short: 'a' },
        json: { type: 'boolean', default: false },
        input: { type: 'string', multiple: true, default: [] },
        shape: { type: 'string' },
        layout: { type: 'string' },
        mean: { type: 'string' },
        std: { type: 'string' },
        fit: { type: 'string' },
        decode: { type: 'string' },
        keys: { type: 'string' },
        out: { type: 'string' },
        wait: { type: 'string', default: '0' },
        timeout: { type: 'string', default: '60' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

type Parsed = ReturnType<typeof parse>;

export function readArguments(args: readonly string[]): ClientArguments {
  const { values, positionals } = parse(args);
  if (values.address === undefined) {
    throw new UsageError('-a: wanted the agent\'s socket');
  }
  const timeoutMs = number('--timeout', values.timeout) * 1000;
  return { socketPath: values.address, json: values.json, timeoutMs, command: readCommand(positionals, values) };
}

function readCommand(positionals: readonly string[], values: Parsed['values']): Command {
  const [verb, ...rest] = positionals;
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
    default: throw new UsageError(`wanted a verb, got ${verb ?? 'nothing'}`);
  }
}

function readPredict(verb: string, positionals: readonly string[], values: Parsed['values']): PredictOptions {
  const legacy = readLegacy(positionals);
  const files = [...values.input.map(readNamedFile), ...legacy?.files ?? positionals.map((path) => ({ path }))];
  if (files.length === 0) {
    throw new UsageError(`${verb}: wanted a model and at least one file`);
  }
  const keysFile = readKeysFile(values);
  return {
    files,
    inputs: readInputOptions(values, keysFile === undefined ? OF_PICTURES : OF_TEXT, legacy),
    ...(keysFile === undefined ? {} : { keysFile }),
    ...(values.out === undefined ? {} : { outFolder: values.out }),
    waitSeconds: number('--wait', values.wait),
  };
}

function readNamedFile(text: string): { input: string; path: string } {
  const split = text.indexOf('=');
  if (split < 1) {
    throw new UsageError(`--input: wanted <name>=<file>, got ${text}`);
  }
  return { input: text.slice(0, split), path: text.slice(split + 1) };
}

/** The keys of `--decode ctc`. Undefined without `--decode`. */
function readKeysFile({ decode, keys }: Parsed['values']): string | undefined {
  if (decode === undefined) {
    return undefined;
  }
  if (decode !== 'ctc' || keys === undefined) {
    throw new UsageError('--decode: wanted ctc, with --keys <file>');
  }
  return keys;
}

const OF_PICTURES: InputOptions = { mean: 0, std: 1, fit: 'stretch' };
/** What recognisers of PaddleOCR's kind were trained with. */
const OF_TEXT: InputOptions = { mean: 0.5, std: 0.5, fit: 'pad', shape: [1, 3, 48, 320] };

function readInputOptions(values: Parsed['values'], defaults: InputOptions, legacy: Legacy | undefined): InputOptions {
  const shape = values.shape?.split(',').map((part) => number('--shape', part)) ?? legacy?.shape ?? defaults.shape;
  const layout = oneOf('--layout', values.layout, ['NCHW', 'NHWC']) ?? legacy?.layout;
  return {
    mean: values.mean === undefined ? defaults.mean : number('--mean', values.mean),
    std: values.std === undefined ? defaults.std : number('--std', values.std),
    fit: oneOf('--fit', values.fit, ['stretch', 'pad']) ?? defaults.fit,
    ...(shape === undefined ? {} : { shape }),
    ...(layout === undefined ? {} : { layout }),
  };
}

interface Legacy extends Pick<PredictOptions, 'files'> {
  readonly shape: readonly number[];
  readonly layout: 'NCHW' | 'NHWC';
}

/** `<file> <input> NHWC 1 224 224 3`, or `<file> <input> 416 416 3` (height, width, channels): AWS's sample client. */
function readLegacy(positionals: readonly string[]): Legacy | undefined {
  const [path, input, third, ...rest] = positionals;
  if (path === undefined || input === undefined || third === undefined) {
    return undefined;
  }
  const files = [{ input, path }];
  if ((third === 'NCHW' || third === 'NHWC') && rest.length === 4) {
    return { files, layout: third, shape: rest.map((part) => number('dimension', part)) };
  }
  if (rest.length !== 2 || ![third, ...rest].every((part) => /^\d+$/.test(part))) {
    return undefined;
  }
  const [height = -1, width = -1, channels = -1] = [third, ...rest].map(Number);
  return { files, layout: 'NCHW', shape: [1, channels, height, width] };
}

function exactly(verb: string, rest: readonly string[], count: number): readonly string[] {
  if (rest.length !== count) {
    throw new UsageError(`${verb}: wanted ${count} argument(s), got ${rest.length}`);
  }
  return rest;
}

function number(label: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new UsageError(`${label}: wanted a number, got ${text}`);
  }
  return value;
}

function oneOf<T extends string>(label: string, text: string | undefined, choices: readonly T[]): T | undefined {
  if (text === undefined) {
    return undefined;
  }
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new UsageError(`${label}: wanted ${choices.join(' or ')}, got ${text}`);
  }
  return found;
}
