import { parseSettings } from '../../../lambda/health/settings';
import { SETTINGS } from './fake-cloud';

it('the settings of the construct are read', () => {
  expect(parseSettings(JSON.stringify(SETTINGS))).toEqual(SETTINGS);
});

it('fails when the models would make more than 500 metrics', () => {
  const models = Array.from({ length: 31 }, (_, index) => ({ name: 'reader', version: `1.${index}` }));
  expect(() => parseSettings(JSON.stringify({ ...SETTINGS, models }))).toThrow(/at most 500 custom metrics, got 510/);
});

it('fails when there are none', () => {
  expect(() => parseSettings(undefined)).toThrow(/must be an object/);
});
