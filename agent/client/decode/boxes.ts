import { toNumbers } from '../elements';
import { arrange, columnsBefore, type BoxArrangement, type BoxLayout } from './box-layout';
import { labelOf } from './labels';
import type { Picture } from '../inputs';
import type { ClientTensor } from '../npy';

/** A box that a model found. In the pixels of the picture; without a picture, in those of the tensor. */
export interface FoundBox {
  readonly class: number;
  readonly label: string;
  readonly score: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface BoxOptions {
  readonly labels?: readonly string[];
  readonly layout?: BoxLayout;
  /** Boxes of a lower score do not count. */
  readonly score: number;
  /** Of two boxes of one class that overlap by more, the one of the lower score does not count. */
  readonly iou: number;
  /** The most boxes an item. */
  readonly top: number;
}

export interface Boxes {
  readonly layout: BoxLayout;
  /** For each item of the batch its boxes, the surest first. */
  readonly items: readonly (readonly FoundBox[])[];
}

/** Reads a number of a box. */
type Cell = (box: number, column: number) => number;

export function isBoxes({ type, shape }: ClientTensor): boolean {
  return type.startsWith('float') && shape.length === 3;
}

export function decodeBoxes(output: ClientTensor, options: BoxOptions, pictures: readonly Picture[]): Boxes {
  const values = toNumbers(output);
  const items = output.shape[0] ?? 0;
  if (pictures.length > 0 && pictures.length !== items) {
    throw new Error(`output ${output.name}: wanted the boxes of ${pictures.length} picture(s), got ${items} item(s)`);
  }
  const { labels, layout } = options;
  const hints = { ...(layout === undefined ? {} : { layout }), ...(labels === undefined ? {} : { classes: labels.length }) };
  const arrangement = arrange(output.shape, hints, (boxes) => isEndToEnd(values, items * boxes));
  const found = Array.from({ length: items }, (_, item) => {
    const candidates = findCandidates(cells(values, arrangement, item), arrangement, options);
    const kept = arrangement.layout === 'end-to-end' ? candidates.slice(0, options.top) : suppress(candidates, options);
    return kept.map((box) => inPicture(box, pictures[item]));
  });
  return { layout: arrangement.layout, items: found };
}

function cells(values: Float64Array, { columnsFirst, columns, boxes }: BoxArrangement, item: number): Cell {
  const start = item * columns * boxes;
  return columnsFirst
    ? (box, column) => values[start + column * boxes + box] ?? 0
    : (box, column) => values[start + box * columns + column] ?? 0;
}

/** Whole classes, and corners in their order. The sizes of v5 are seldom larger than its centres, and its classes are not whole. */
function isEndToEnd(values: Float64Array, boxes: number): boolean {
  for (let box = 0; box < boxes; box += 1) {
    const [left = 0, top = 0, right = 0, bottom = 0, , ofClass = 0] = values.subarray(box * 6, (box + 1) * 6);
    if (!Number.isInteger(ofClass) || right < left || bottom < top) {
      return false;
    }
  }
  return true;
}

/** Boxes of enough score, the surest first. */
function findCandidates(cell: Cell, { layout, columns, boxes }: BoxArrangement, options: BoxOptions): FoundBox[] {
  const found: FoundBox[] = [];
  for (let box = 0; box < boxes; box += 1) {
    const best = layout === 'end-to-end' ? { class: cell(box, 5), score: cell(box, 4) } : bestClass(cell, box, layout, columns);
    checkScore(best.score, layout);
    if (best.score >= options.score) {
      const corners = layout === 'end-to-end' ? cornersOf(cell, box) : cornersOfCentre(cell, box);
      found.push({ ...best, label: labelOf(options.labels, best.class), ...corners });
    }
  }
  return found.sort((a, b) => b.score - a.score);
}

function bestClass(cell: Cell, box: number, layout: 'v5' | 'v8', columns: number): { class: number; score: number } {
  const before = columnsBefore(layout);
  let best = before;
  for (let column = before + 1; column < columns; column += 1) {
    if (cell(box, column) > cell(box, best)) {
      best = column;
    }
  }
  const objectness = layout === 'v5' ? cell(box, 4) : 1;
  return { class: best - before, score: objectness * cell(box, best) };
}

/** Half precision may round a little over one. */
const HIGHEST = 1.001;

function checkScore(score: number, layout: BoxLayout): void {
  if (!(score >= -0.001 && score <= HIGHEST)) {
    const wanted = 'export the model with its sigmoid, or give the layout by --boxes';
    throw new Error(`--decode boxes: wanted scores from 0 to 1 in the output of layout ${layout}, got ${score}: ${wanted}`);
  }
}

type Corners = Pick<FoundBox, 'left' | 'top' | 'right' | 'bottom'>;

function cornersOf(cell: Cell, box: number): Corners {
  return { left: cell(box, 0), top: cell(box, 1), right: cell(box, 2), bottom: cell(box, 3) };
}

function cornersOfCentre(cell: Cell, box: number): Corners {
  const [x, y, halfWidth, halfHeight] = [cell(box, 0), cell(box, 1), cell(box, 2) / 2, cell(box, 3) / 2];
  return { left: x - halfWidth, top: y - halfHeight, right: x + halfWidth, bottom: y + halfHeight };
}

/** Non-maximum suppression, class by class. */
function suppress(candidates: readonly FoundBox[], { iou, top }: BoxOptions): FoundBox[] {
  const kept: FoundBox[] = [];
  for (const box of candidates) {
    if (kept.length === top) {
      break;
    }
    if (kept.every((other) => other.class !== box.class || overlap(box, other) <= iou)) {
      kept.push(box);
    }
  }
  return kept;
}

/** Intersection over union. */
export function overlap(a: Corners, b: Corners): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  const area = (box: Corners): number => (box.right - box.left) * (box.bottom - box.top);
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}

/** Undoes the fit, and cuts at the picture's edges. */
function inPicture(box: FoundBox, picture: Picture | undefined): FoundBox {
  if (picture === undefined) {
    return box;
  }
  const { image, place } = picture;
  const across = (x: number): number => Math.min(image.width, Math.max(0, ((x - place.left) * image.width) / place.width));
  const down = (y: number): number => Math.min(image.height, Math.max(0, ((y - place.top) * image.height) / place.height));
  return { ...box, left: across(box.left), right: across(box.right), top: down(box.top), bottom: down(box.bottom) };
}
