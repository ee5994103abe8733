export const USAGE = `usage: node agent-client.js -a <socket path> <verb> …

  LoadModel <folder> <name>        loads the model package in a folder
  UnLoadModel <name>
  ListModels
  DescribeModel <name>
  Predict <name> <file>…           a file an input, in the model's order, or --input <name>=<file>
  PredictAndCapture <name> <file>… the same, and captures the tensors; prints the capture's id
  CaptureStatus <capture id>
  Baseline <name> <folder>         what predictions of samples are like, for drift: --output <file>. A file a sample; for a
                                   model of several inputs a folder a sample, with a file of each input's name
  LoadTest <name> <file>…          more and more predictions at once; what the device bears, and what limits it
  Metrics <file>                   the last metrics in what the agent wrote to stdout; - reads stdin. Needs no -a

A file is an image (JPEG, PNG, BMP), .npy, or the tensor's raw bytes. Several files of one input are a batch.
As with AWS's client, a file may be followed by <input name> [NCHW|NHWC] <dimensions>.

  --json                 JSON instead of a short table
  --input <name>=<file>  again for each input, and for each item of a batch
  --shape 1,3,48,320     dimensions that the model leaves open
  --layout NCHW|NHWC     of an image's tensor; otherwise from the shape
  --mean 0.5 --std 0.5   of an image: (value / 255 - mean) / std; otherwise 0 and 1. A channel each: 0.485,0.456,0.406
  --fit stretch|pad|letterbox  of an image; pad fills up at the right, letterbox on both sides with grey
  --output <name>        the output that --decode reads; otherwise the first that fits
  --decode classes       the likeliest classes of each item. --labels <file> names them, --top 5 is how many
  --decode boxes         what a YOLO model found, in the picture's pixels; sets fit letterbox. --labels <file>,
                         --score 0.25, --iou 0.45, --top 100, --boxes v5|v8|end-to-end, --draw <file.png>
  --decode ctc --keys <file>   the text that a recogniser of PaddleOCR's kind reads; sets mean, std, fit and 1,3,48,320
  --repeat <times>       Predict: again so many times; prints p50, p90, p99 and predictions a second
  --users 1,2,4,8        LoadTest: predictions at once, a step each. --settle 2, --hold 10: seconds of a step
  --target <TPS>         LoadTest: ends when it is met; --p99 <ms> and --errors 1 (percent): ends when they are passed
  --output <file>        LoadTest: writes the run as JSON, for the report. --device <name> instead of the host's
  --out <folder>         writes each output as .npy
  --wait <seconds>       PredictAndCapture: until the capture is uploaded
  --timeout <seconds>    of a call; otherwise 60`;

/** Wrong usage. The message says what was wanted. */
export class UsageError extends Error {}

export function number(label: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new UsageError(`${label}: wanted a number, got ${text}`);
  }
  return value;
}

/** A whole number of at least 1. */
export function count(label: string, text: string): number {
  const value = number(label, text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`${label}: wanted a whole number of at least 1, got ${text}`);
  }
  return value;
}

/** A number from 0 to 1. */
export function share(label: string, text: string): number {
  const value = number(label, text);
  if (value < 0 || value > 1) {
    throw new UsageError(`${label}: wanted a number from 0 to 1, got ${text}`);
  }
  return value;
}

export function oneOf<T extends string>(label: string, text: string | undefined, choices: readonly T[]): T | undefined {
  if (text === undefined) {
    return undefined;
  }
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new UsageError(`${label}: wanted ${choices.join(' or ')}, got ${text}`);
  }
  return found;
}
