import { toNumbers } from '../elements';
import type { ClientTensor } from '../npy';

/** The text that a recogniser read, and the mean probability of its characters. */
export interface ReadText {
  readonly text: string;
  readonly confidence: number;
}

/**
 * The text of each item of the batch, by greedy CTC: the likeliest class of each step, repeats joined, blanks dropped.
 * Class 0 is the blank, then come the lines of the key file, then the space.
 */
export function decodeCtc(output: ClientTensor, keysFile: string): readonly ReadText[] {
  const keys = keysFile.replace(/\r?\n$/, '').split(/\r?\n/);
  const classes = output.shape.at(-1) ?? 0;
  if (classes !== keys.length + 2) {
    throw new Error(`the output has ${classes} classes; a blank, ${keys.length} keys and a space are ${keys.length + 2}`);
  }
  const values = toNumbers(output);
  const items = output.shape.length === 3 ? output.shape[0] ?? 1 : 1;
  const length = values.length / items;
  return Array.from({ length: items }, (_, item) => readSteps(values.subarray(item * length, (item + 1) * length), classes, keys));
}

function readSteps(values: Float64Array, classes: number, keys: readonly string[]): ReadText {
  let text = '';
  let sum = 0;
  let characters = 0;
  let last = 0;
  for (let step = 0; step < values.length; step += classes) {
    const scores = values.subarray(step, step + classes);
    const best = argmax(scores);
    if (best !== 0 && best !== last) {
      text += best === classes - 1 ? ' ' : keys[best - 1] ?? '';
      sum += scores[best] ?? 0;
      characters += 1;
    }
    last = best;
  }
  // A blank at an end is the picture's margin.
  return { text: text.trim(), confidence: characters === 0 ? 0 : sum / characters };
}

export function argmax(values: Float64Array): number {
  let best = 0;
  values.forEach((value, index) => {
    if (value > (values[best] ?? 0)) {
      best = index;
    }
  });
  return best;
}
