import { readFile, writeFile } from 'node:fs/promises';
import { colourName, drawBoxes } from '../image/draw';
import { encodePng } from '../image/png';
import { decodeBoxes, isBoxes, type FoundBox } from './boxes';
import { decodeClasses, isClassScores } from './classes';
import { decodeCtc } from './ctc';
import { readLabels } from './labels';
import type { BoxLayout } from './box-layout';
import type { Picture } from '../inputs';
import type { ClientTensor } from '../npy';

/** How an output is read. */
export type DecodeOptions = { readonly output?: string } & (
  | { readonly kind: 'ctc'; readonly keysFile: string }
  | { readonly kind: 'classes'; readonly labelsFile?: string; readonly top: number }
  | BoxDecodeOptions
);

interface BoxDecodeOptions {
  readonly kind: 'boxes';
  readonly labelsFile?: string;
  readonly top: number;
  readonly score: number;
  readonly iou: number;
  readonly layout?: BoxLayout;
  /** Where the picture with its boxes is written. */
  readonly drawFile?: string;
}

/** What an output says: fields for programs, lines for people. */
export interface Decoded {
  readonly json: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

export async function decode(
  options: DecodeOptions, outputs: readonly ClientTensor[], pictures: readonly Picture[],
): Promise<Decoded> {
  switch (options.kind) {
    case 'ctc': {
      const output = choose(outputs, options.output, () => true, 'any');
      return showTexts(decodeCtc(output, await readFile(options.keysFile, 'utf8')));
    }
    case 'classes': {
      const output = choose(outputs, options.output, isClassScores, 'floats of [items, classes]');
      return showClasses(decodeClasses(output, await readLabels(options.labelsFile), options.top));
    }
    case 'boxes': {
      const output = choose(outputs, options.output, isBoxes, 'floats of three dimensions');
      return readBoxes(output, options, pictures);
    }
  }
}

/** The output of a name, or the first that fits. */
function choose(
  outputs: readonly ClientTensor[], name: string | undefined, fits: (output: ClientTensor) => boolean, wanted: string,
): ClientTensor {
  const found = outputs.find((output) => (name === undefined || output.name === name) && fits(output));
  if (found === undefined) {
    const got = outputs.map((output) => `${output.name} ${output.type} [${output.shape.join(', ')}]`).join(', ');
    throw new Error(`--decode: wanted an output ${name === undefined ? '' : `${name} `}of ${wanted}, got ${got}`);
  }
  return found;
}

function showTexts(texts: ReturnType<typeof decodeCtc>): Decoded {
  const [only] = texts;
  return {
    json: texts.length === 1 && only !== undefined ? { ...only } : { texts },
    lines: texts.flatMap(({ text, confidence }) => [`text        ${text}`, `confidence  ${confidence.toFixed(3)}`]),
  };
}

function showClasses({ items, softmax }: ReturnType<typeof decodeClasses>): Decoded {
  return {
    json: { classes: items, softmax },
    lines: items.flatMap((ranked, item) => ranked.map(({ label, probability }) => (
      `${itemPrefix(items.length, item)}${probability.toFixed(3)}  ${label}`
    ))),
  };
}

async function readBoxes(output: ClientTensor, options: BoxDecodeOptions, pictures: readonly Picture[]): Promise<Decoded> {
  const { labelsFile, drawFile } = options;
  if (drawFile !== undefined && pictures.length === 0) {
    throw new Error('--draw: wanted an input of images, got none');
  }
  const labels = await readLabels(labelsFile);
  const { layout, items } = decodeBoxes(output, { ...options, ...(labels === undefined ? {} : { labels }) }, pictures);
  const files = drawFile === undefined ? [] : items.map((_, item) => drawnFile(drawFile, items.length, item));
  await Promise.all(files.map((file, item) => writeDrawn(file, pictures[item], items[item] ?? [])));
  const widest = Math.max(0, ...items.flat().map(({ label }) => label.length));
  return {
    json: { boxes: items, boxLayout: layout, ...(files.length === 0 ? {} : { drawn: files }) },
    lines: [
      ...items.flatMap((found, item) => [
        ...(found.length === 0 ? [`${itemPrefix(items.length, item)}no boxes of score ${options.score} or more`] : []),
        ...found.map((box) => `${itemPrefix(items.length, item)}${showBox(box, widest, drawFile !== undefined)}`),
      ]),
      ...files.map((file) => `drawn       ${file}`),
    ],
  };
}

function showBox(box: FoundBox, widest: number, drawn: boolean): string {
  const [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom].map((edge) => edge.toFixed(0));
  const place = `left ${left}  top ${top}  right ${right}  bottom ${bottom}`;
  return `${box.score.toFixed(3)}  ${box.label.padEnd(widest)}  ${place}${drawn ? `  ${colourName(box.class)}` : ''}`;
}

async function writeDrawn(file: string, picture: Picture | undefined, boxes: readonly FoundBox[]): Promise<void> {
  if (picture !== undefined) {
    await writeFile(file, encodePng(drawBoxes(picture.image, boxes)));
  }
}

/** `out.png`, and for a batch `out-0.png` and so on. */
function drawnFile(file: string, items: number, item: number): string {
  return items === 1 ? file : `${file.slice(0, -'.png'.length)}-${item}.png`;
}

function itemPrefix(items: number, item: number): string {
  return items === 1 ? '' : `item ${item}  `;
}
