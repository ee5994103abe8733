import * as path from 'node:path';
import { type Font, loadSync } from 'opentype.js';
import sharp from 'sharp';

/** The recogniser's input is 48 pixels high; it is made for pictures up to 320 wide. */
const WIDTH = 320;
const HEIGHT = 48;

let font: Font | undefined;

/** A line of black text on white. Drawn as outlines of a font from a package: a fresh machine may have no font at all. */
export async function drawText(text: string, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  font ??= loadSync(path.join(__dirname, '..', '..', 'node_modules', 'dejavu-fonts-ttf', 'ttf', 'DejaVuSans.ttf'));
  const outlines = font.getPath(text, 10, 34, 28).toPathData(2);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><rect width="100%" height="100%" fill="white"/><path d="${outlines}"/></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha()[format]().toBuffer();
}
