import { toNumbers } from '../elements';
import { labelOf } from './labels';
import type { ClientTensor } from '../npy';

/** A class of one item, and how likely the model holds it. */
export interface RankedClass {
  readonly class: number;
  readonly label: string;
  readonly probability: number;
}

export interface Classes {
  /** For each item of the batch its likeliest classes, the likeliest first. */
  readonly items: readonly (readonly RankedClass[])[];
  /** The output's scores are no probabilities: the softmax of them was taken. */
  readonly softmax: boolean;
}

/** [items, classes]. Dimensions of 1 do not count: some networks end in [items, classes, 1, 1]. */
export function isClassScores({ type, shape }: ClientTensor): boolean {
  return type.startsWith('float') && shape.length >= 2 && shape.slice(1).filter((dimension) => dimension !== 1).length === 1;
}

export function decodeClasses(output: ClientTensor, labels: readonly string[] | undefined, top: number): Classes {
  const [items = 0, ...inner] = output.shape;
  const classes = inner.reduce((product, dimension) => product * dimension, 1);
  if (labels !== undefined && labels.length !== classes) {
    throw new Error(`output ${output.name} has ${classes} classes, --labels has ${labels.length} lines`);
  }
  const values = toNumbers(output);
  if (values.some(Number.isNaN)) {
    throw new Error(`output ${output.name}: wanted scores, got NaN among them`);
  }
  const scores = Array.from({ length: items }, (_, item) => values.subarray(item * classes, (item + 1) * classes));
  const softmax = !scores.every(sumToOne);
  return { softmax, items: scores.map((ofItem) => rank(softmax ? softmaxOf(ofItem) : ofItem, labels, top)) };
}

/** Half precision adds up to one only so far. */
const ROUNDING = 0.01;

function sumToOne(scores: Float64Array): boolean {
  const sum = scores.reduce((total, score) => total + score, 0);
  return Math.abs(sum - 1) <= ROUNDING && scores.every((score) => score >= 0);
}

function softmaxOf(scores: Float64Array): Float64Array {
  const highest = scores.reduce((high, score) => Math.max(high, score), -Infinity);
  const powers = scores.map((score) => Math.exp(score - highest)); // less than or equal to 1: no overflow
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function rank(probabilities: Float64Array, labels: readonly string[] | undefined, top: number): RankedClass[] {
  const ranked = [...probabilities].map((probability, index) => ({ class: index, label: labelOf(labels, index), probability }));
  return ranked.sort((a, b) => b.probability - a.probability).slice(0, top);
}
