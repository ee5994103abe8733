import { randomInt } from 'node:crypto';

/** Short words of which the recogniser reads each pair without fail; digits and `kernel` it sometimes does not. */
const WORDS = [
  'agent', 'amber', 'anchor', 'basket', 'bridge', 'camera', 'canvas', 'cedar', 'copper', 'desert', 'device', 'edge', 'engine', 'forest', 'garden', 'harbour',
  'island', 'lemon', 'market', 'meadow', 'model', 'north', 'orange', 'packet', 'pepper', 'planet', 'radar', 'river', 'sensor', 'stone',
  'tensor', 'thunder', 'timber', 'tunnel', 'vector', 'velvet', 'winter',
];

/** Two words, others in each run. */
export function randomText(random: (below: number) => number = randomInt): string {
  const word = (): string => WORDS[random(WORDS.length)] ?? '';
  return `${word()} ${word()}`;
}
