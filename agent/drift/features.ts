import { DriftTensors } from './tensors';
import type { RawTensor } from '../runtime/protocol';

/** Numbers of a prediction by name. NaN where the tensors give none. */
export type Features = Readonly<Record<string, number>>;

/** Places of an input that are read. More would see little more, and cost more of the prediction. */
const SAMPLED = 4096;
/** Numbers of an output that are read: more rows than these hold are sampled, too. */
const SCANNED = 400_000;
/** A row of logits is made to shares where all rows together have no more numbers: each costs an exponential. */
const SHARED = 16_384;
/** The sum of shares is 1 but for rounding. */
const ROUNDING = 0.02;
/** A share above one half of the sum is the largest of its row: the rest of the row is not read. */
const LARGEST_SURELY = (1 + ROUNDING) / 2;

/**
 * A few numbers that say what a prediction was like, of the largest input and of the first output of floats.
 *
 * - `input.mean`, `input.deviation`: of its values, such as brightness and contrast
 * - `input.roughness`: mean difference of neighbours in the last dimension, such as sharpness and noise
 * - `output.confidence`: the largest share of a row; of a sequence, where a symbol begins
 * - `output.surprise`: of a sequence, mean of −ln of the largest shares
 * - `output.length`: of a sequence, the symbols that differ from the one before and from symbol 0, the blank
 * - `output.class`: without a sequence, the likeliest class
 */
export class DriftFeatures {
  private readonly tensors = new DriftTensors();

  public of(inputs: readonly RawTensor[], outputs: readonly RawTensor[]): Features {
    const [input] = [...inputs].sort((a, b) => sizeOf(b) - sizeOf(a));
    const output = outputs.find(({ type, shape }) => type.startsWith('float') && (shape.at(-1) ?? 0) > 1);
    return { ...input === undefined ? {} : this.ofInput(input), ...output === undefined ? {} : this.ofOutput(output) };
  }

  private ofInput(input: RawTensor): Features {
    const values = this.tensors.read(input);
    const width = input.shape.at(-1) ?? 1;
    const hasNeighbours = input.shape.length > 2 && width > 1;
    const last = values.length - (hasNeighbours ? 1 : 0);
    const stride = strideOf(last, width);
    let sum = 0;
    let squares = 0;
    let differences = 0;
    let taken = 0;
    for (let index = 0; index < last; index += stride) {
      const value = values[index] ?? NaN;
      sum += value;
      squares += value * value;
      taken += 1;
      if (hasNeighbours) {
        differences += Math.abs(value - (values[index + 1] ?? NaN));
      }
    }
    const mean = sum / taken;
    const deviation = Math.sqrt(Math.max(0, squares / taken - mean * mean));
    const features = { 'input.mean': mean, 'input.deviation': deviation };
    return hasNeighbours ? { ...features, 'input.roughness': differences / taken } : features;
  }

  private ofOutput(output: RawTensor): Features {
    const values = this.tensors.read(output);
    const width = output.shape.at(-1) ?? 1;
    const rows = width === 0 ? 0 : Math.floor(values.length / width);
    const isSequence = output.shape.length > 2;
    const step = Math.max(1, Math.ceil(values.length / SCANNED));
    const isShares = areShares(values, width);
    const asShares = values.length <= SHARED && !isShares;
    const enough = isShares ? LARGEST_SURELY : Infinity;
    let first = 0;
    let previous = 0;
    let begun = 0;
    let confidence = 0;
    let surprise = 0;
    let taken = 0;
    for (let row = 0; row < rows; row += step) {
      const start = row * width;
      const best = largestOf(values, start, width, enough);
      const largest = values[best] ?? NaN;
      const share = asShares ? shareOf(values, start, width, largest) : largest;
      const symbol = best - start;
      first = row === 0 ? symbol : first;
      if (!isSequence || (symbol !== 0 && symbol !== previous)) {
        begun += 1;
        confidence += share;
      }
      previous = symbol;
      surprise += share > 0 ? -Math.log(share) : -share;
      taken += 1;
    }
    const mean = begun === 0 && !Number.isNaN(surprise) ? 0 : confidence / begun;
    return isSequence
      ? { 'output.confidence': mean, 'output.surprise': surprise / taken, 'output.length': begun }
      : { 'output.confidence': mean, 'output.class': first };
  }
}

/** Whole numbers with few values. */
export const COUNTED_FEATURES: readonly string[] = ['output.length', 'output.class'];

function sizeOf({ data }: RawTensor): number {
  return data.byteLength;
}

/** One that is not a part of the width, so that it comes through all columns of a picture. */
function strideOf(length: number, width: number): number {
  let stride = Math.max(1, Math.floor(length / SAMPLED));
  while (stride > 1 && divisor(stride, width) > 1) {
    stride += 1;
  }
  return stride;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** The place of the first largest value of a row. What is more than `enough` is the largest. */
function largestOf(values: ArrayLike<number>, start: number, width: number, enough: number): number {
  let best = start;
  let largest = values[start] ?? NaN;
  const end = largest > enough ? start : start + width;
  for (let index = start + 1; index < end; index += 1) {
    const value = values[index] ?? NaN;
    if (value > largest) {
      largest = value;
      best = index;
      if (value > enough) {
        break;
      }
    }
  }
  return best;
}

/** By the first row. */
function areShares(values: ArrayLike<number>, width: number): boolean {
  let sum = 0;
  let smallest = 0;
  for (let index = 0; index < width; index += 1) {
    const value = values[index] ?? NaN;
    sum += value;
    smallest = Math.min(smallest, value);
  }
  return smallest >= 0 && Math.abs(sum - 1) < ROUNDING;
}

/** The largest of softmax. */
function shareOf(values: ArrayLike<number>, start: number, width: number, largest: number): number {
  let sum = 0;
  for (let index = start; index < start + width; index += 1) {
    sum += Math.exp((values[index] ?? NaN) - largest);
  }
  return 1 / sum;
}
