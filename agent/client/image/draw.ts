import type { RgbImage } from './pixels';

/** Colours that are told apart on most pictures, with the names that the terminal prints. */
const COLOURS = [
  ['red', [230, 25, 75]],
  ['green', [60, 180, 75]],
  ['blue', [0, 90, 220]],
  ['orange', [245, 130, 48]],
  ['purple', [145, 30, 180]],
  ['cyan', [20, 190, 210]],
  ['magenta', [240, 50, 230]],
  ['yellow', [255, 225, 25]],
  ['brown', [154, 99, 36]],
  ['black', [0, 0, 0]],
] as const;

/** A box to be drawn. */
export interface DrawnBox {
  readonly class: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The name of the colour of a class. After ten classes the colours begin again. */
export function colourName(ofClass: number): string {
  return COLOURS[ofClass % COLOURS.length]?.[0] ?? '';
}

/** The picture with the outlines of boxes, the surest on top. */
export function drawBoxes(image: RgbImage, boxes: readonly DrawnBox[]): RgbImage {
  const drawn = { ...image, data: Uint8Array.from(image.data) };
  const thickness = Math.max(1, Math.round(Math.min(image.width, image.height) / 120));
  for (const box of [...boxes].reverse()) {
    drawOutline(drawn, box, thickness);
  }
  return drawn;
}

function drawOutline(image: RgbImage, box: DrawnBox, thickness: number): void {
  const colour = COLOURS[box.class % COLOURS.length]?.[1] ?? [0, 0, 0];
  const last = { x: Math.min(image.width, Math.round(box.right)) - 1, y: Math.min(image.height, Math.round(box.bottom)) - 1 };
  const first = { x: Math.max(0, Math.round(box.left)), y: Math.max(0, Math.round(box.top)) };
  for (let y = first.y; y <= last.y; y += 1) {
    const inEdge = y < first.y + thickness || y > last.y - thickness;
    for (let x = first.x; x <= last.x; x += 1) {
      if (inEdge || x < first.x + thickness || x > last.x - thickness) {
        image.data.set(colour, (y * image.width + x) * 3);
      }
    }
  }
}
