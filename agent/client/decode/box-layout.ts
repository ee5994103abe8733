/**
 * What a YOLO model's output holds.
 * - `v5` (also 7): [items, boxes, 5 + classes], a box's centre, size and objectness, then the classes.
 * - `v8` (also 9, 11, 12): [items, 4 + classes, boxes], without objectness. [items, boxes, 4 + classes] is read too.
 * - `end-to-end` (10, 26): [items, boxes, 6], corners, score and class, of boxes that do not overlap any more.
 */
export const BOX_LAYOUTS = ['v5', 'v8', 'end-to-end'] as const;
export type BoxLayout = (typeof BOX_LAYOUTS)[number];

/** How to read an output of three dimensions. */
export interface BoxArrangement {
  readonly layout: BoxLayout;
  /** [items, columns, boxes]; otherwise [items, boxes, columns]. */
  readonly columnsFirst: boolean;
  /** Numbers that a box has. */
  readonly columns: number;
  readonly boxes: number;
}

export interface BoxHints {
  readonly layout?: BoxLayout;
  /** Number of labels. */
  readonly classes?: number;
}

const END_TO_END_COLUMNS = 6;

/**
 * The layout of an output, by what is given, then by its shape, then by its values.
 *
 * @param isEndToEnd whether the values of an output of six columns are those of an end-to-end model: its shape is also
 *   that of `v5` with one class
 */
export function arrange(shape: readonly number[], hints: BoxHints, isEndToEnd: (boxes: number) => boolean): BoxArrangement {
  const [, middle = 0, last = 0] = shape;
  const rows = { columnsFirst: false, columns: last, boxes: middle };
  const all: readonly BoxArrangement[] = [
    { layout: 'v8', columnsFirst: true, columns: middle, boxes: last },
    { layout: 'end-to-end', ...rows },
    { layout: 'v5', ...rows },
    { layout: 'v8', ...rows },
  ];
  const possible = all.filter((one) => hints.layout === undefined || one.layout === hints.layout).filter((one) => fits(one, hints.classes));
  // A model gives more boxes than a box has numbers. Few boxes are told apart by the labels.
  const likely = possible.filter((one) => one.columns < one.boxes);
  const candidates = likely.length > 0 ? likely : possible;
  const found = candidates.find((one) => one.layout !== 'end-to-end' || hints.layout === 'end-to-end' || isEndToEnd(one.boxes));
  if (found === undefined) {
    throw new Error(`--decode boxes: wanted ${wanted(hints)}, got [${shape.join(', ')}]`);
  }
  return found;
}

function fits({ layout, columns }: BoxArrangement, classes: number | undefined): boolean {
  if (layout === 'end-to-end') {
    return columns === END_TO_END_COLUMNS;
  }
  const before = columnsBefore(layout);
  return classes === undefined ? columns > before : columns === before + classes;
}

/** Numbers of a box before those of its classes. */
export function columnsBefore(layout: 'v5' | 'v8'): number {
  return layout === 'v5' ? 5 : 4;
}

function wanted({ layout, classes }: BoxHints): string {
  const columns = (before: number): string => classes === undefined ? `${before} + classes` : String(before + classes);
  const shapes: Readonly<Record<BoxLayout, string>> = {
    'v5': `[items, boxes, ${columns(5)}] (v5)`,
    'v8': `[items, ${columns(4)}, boxes] (v8)`,
    'end-to-end': '[items, boxes, 6] (end-to-end)',
  };
  const of = classes === undefined ? '' : ` of ${classes} labels`;
  return (layout === undefined ? Object.values(shapes).join(' or ') : shapes[layout]) + of;
}
