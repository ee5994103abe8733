import { volumeProblem } from '../../../../lib/device/private/volume';

const GIB = 1024 ** 3;

test.each<[string, number[], number]>([
  ['no model', [], 8],
  ['small models', [10_000_000, 20_000_000], 8],
  ['a model of 2.5 GiB, with its package', [2.5 * GIB], 8],
  ['two models, with the package of the larger', [2 * GIB, GIB], 8],
  ['the largest model', [10_000 * 1024 ** 2], 23],
])('%s fits', (_name, sizes, volume) => {
  expect(volumeProblem(sizes, volume)).toBeUndefined();
});

test.each<[string, number[], number, string]>([
  ['a model', [2.6 * GIB], 8, 'volumeSize must be at least 9 GiB for models of 2.6 GiB, since each is unpacked beside its package, got 8'],
  ['the largest model', [10_000 * 1024 ** 2], 22, 'volumeSize must be at least 23 GiB for models of 9.8 GiB'],
])('fails when there is no room for %s', (_name, sizes, volume, message) => {
  expect(volumeProblem(sizes, volume)).toContain(message);
});
