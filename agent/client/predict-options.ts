import { BOX_LAYOUTS } from './decode/box-layout';
import { count, number, oneOf, share, UsageError } from './usage';
import type { Values } from './arguments';
import type { BaselineOptions } from './baseline';
import type { DecodeOptions } from './decode/decode';
import type { InputOptions } from './inputs';

export interface PredictOptions {
  /** Files with the names of their inputs. Without a name the place counts. */
  readonly files: readonly NamedFile[];
  readonly inputs: InputOptions;
  readonly decode?: DecodeOptions;
  readonly outFolder?: string;
  readonly waitSeconds: number;
  /** Predictions that are measured, after a first one that is not. */
  readonly repeat?: number;
}

export interface NamedFile {
  readonly input?: string;
  readonly path: string;
}

export function readPredict(verb: 'Predict' | 'PredictAndCapture', positionals: readonly string[], values: Values): PredictOptions {
  const legacy = readLegacy(positionals);
  const files = [...values.input.map(readNamedFile), ...legacy?.files ?? positionals.map((path) => ({ path }))];
  if (files.length === 0) {
    throw new UsageError(`${verb}: wanted a model and at least one file`);
  }
  if (values.repeat !== undefined && verb !== 'Predict') {
    throw new UsageError(`--repeat: wanted Predict, got ${verb}`);
  }
  const decode = readDecode(values);
  return {
    files,
    inputs: readInputOptions(values, DEFAULTS[decode?.kind ?? 'none'], legacy),
    ...(decode === undefined ? {} : { decode }),
    ...(values.out === undefined ? {} : { outFolder: values.out }),
    ...(values.repeat === undefined ? {} : { repeat: count('--repeat', values.repeat) }),
    waitSeconds: number('--wait', values.wait),
  };
}

/** `--decode` says how pictures are made to tensors, as for Predict. Nothing is decoded. */
export function readBaseline(folder: string, values: Values): BaselineOptions {
  const kind = oneOf<Kind>('--decode', values.decode, ['classes', 'boxes', 'ctc']);
  if (values.output === undefined) {
    throw new UsageError('Baseline: wanted --output <file>, got none');
  }
  return { folder, inputs: readInputOptions(values, DEFAULTS[kind ?? 'none'], undefined), outputFile: values.output };
}

function readNamedFile(text: string): NamedFile {
  const split = text.indexOf('=');
  if (split < 1) {
    throw new UsageError(`--input: wanted <name>=<file>, got ${text}`);
  }
  return { input: text.slice(0, split), path: text.slice(split + 1) };
}

type Kind = DecodeOptions['kind'];

/** Which kinds of `--decode` an option belongs to. */
const BELONGS = {
  output: ['ctc', 'classes', 'boxes'],
  keys: ['ctc'],
  labels: ['classes', 'boxes'],
  top: ['classes', 'boxes'],
  score: ['boxes'],
  iou: ['boxes'],
  boxes: ['boxes'],
  draw: ['boxes'],
} as const satisfies Partial<Record<keyof Values, readonly Kind[]>>;

function readDecode(values: Values): DecodeOptions | undefined {
  const kind = oneOf<Kind>('--decode', values.decode, ['classes', 'boxes', 'ctc']);
  for (const [option, kinds] of Object.entries(BELONGS)) {
    if (option in values && !kinds.some((one) => one === kind)) {
      throw new UsageError(`--${option}: wanted --decode ${kinds.join(' or ')}, got ${kind === undefined ? 'none' : `--decode ${kind}`}`);
    }
  }
  const { output, keys, labels, top, draw } = values;
  const labelled = { ...(output === undefined ? {} : { output }), ...(labels === undefined ? {} : { labelsFile: labels }) };
  switch (kind) {
    case undefined: return undefined;
    case 'ctc':
      if (keys === undefined) {
        throw new UsageError('--decode ctc: wanted --keys <file>, got none');
      }
      return { kind, keysFile: keys, ...(output === undefined ? {} : { output }) };
    case 'classes': return { kind, ...labelled, top: count('--top', top ?? '5') };
    case 'boxes': {
      const layout = oneOf('--boxes', values.boxes, BOX_LAYOUTS);
      if (draw?.toLowerCase().endsWith('.png') === false) {
        throw new UsageError(`--draw: wanted a file that ends with .png, got ${draw}`);
      }
      return {
        kind,
        ...labelled,
        top: count('--top', top ?? '100'),
        score: share('--score', values.score ?? '0.25'),
        iou: share('--iou', values.iou ?? '0.45'),
        ...(layout === undefined ? {} : { layout }),
        ...(draw === undefined ? {} : { drawFile: draw }),
      };
    }
  }
}

const OF_PICTURES: InputOptions = { mean: [0], std: [1], fit: 'stretch' };
const DEFAULTS: Readonly<Record<Kind | 'none', InputOptions>> = {
  none: OF_PICTURES,
  classes: OF_PICTURES,
  boxes: { ...OF_PICTURES, fit: 'letterbox' },
  // What recognisers of PaddleOCR's kind were trained with.
  ctc: { mean: [0.5], std: [0.5], fit: 'pad', shape: [1, 3, 48, 320] },
};

function readInputOptions(values: Values, defaults: InputOptions, legacy: Legacy | undefined): InputOptions {
  const shape = values.shape === undefined ? legacy?.shape ?? defaults.shape : numbers('--shape', values.shape);
  const layout = oneOf('--layout', values.layout, ['NCHW', 'NHWC']) ?? legacy?.layout;
  const std = values.std === undefined ? defaults.std : numbers('--std', values.std);
  if (std.includes(0)) {
    throw new UsageError(`--std: wanted numbers other than 0, got ${values.std ?? ''}`);
  }
  return {
    mean: values.mean === undefined ? defaults.mean : numbers('--mean', values.mean),
    std,
    fit: oneOf('--fit', values.fit, ['stretch', 'pad', 'letterbox']) ?? defaults.fit,
    ...(shape === undefined ? {} : { shape }),
    ...(layout === undefined ? {} : { layout }),
  };
}

function numbers(label: string, text: string): number[] {
  return text.split(',').map((part) => number(label, part));
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
