import { partsOf, PATHS, totalOf } from '../../scripts/cost/fleet-health';
import { priceOfMetrics } from '../../scripts/cost/prices';

it.each([[0, 0], [10_000, 3000], [12_000, 3200], [800_000, 54_500], [1_100_000, 66_500]])('%i metrics are $%i', (count, usd) => {
  expect(priceOfMetrics(count)).toBeCloseTo(usd, 6);
});

it('what goes by the report is a hundred times as much for a hundred times as many devices, and the rest is the same', () => {
  const [small, large] = [partsOf(1000), partsOf(100_000)];
  const ratios = small.map(({ usd }, index) => (large[index]?.usd ?? 0) / usd);
  expect(ratios.slice(0, 2).map((ratio) => Math.round(ratio))).toEqual([100, 100]);
  expect(ratios.slice(-2)).toEqual([1, 1]);
});

it('reports that come a third as often cost a third, but for what is the same for any number', () => {
  const [often, seldom] = [partsOf(1000, 5), partsOf(1000, 15)];
  expect((often[0]?.usd ?? 0) / (seldom[0]?.usd ?? 1)).toBeCloseTo(3, 6);
  expect(totalOf(seldom)).toBeGreaterThan(totalOf(often) / 3);
});

it('the way of this library is among the ways, with the sum of its parts', () => {
  const ours = PATHS.filter(({ path }) => path.includes('FleetHealth'));
  expect(ours.map(({ usd }) => usd(1000))).toEqual([totalOf(partsOf(1000))]);
});
