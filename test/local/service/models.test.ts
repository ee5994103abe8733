import { MODELS } from '../../../local/service/model';
import { OVERLAY } from '../../../local/service/overlay';
import { Service } from '../../../local/service/service';
import { regularExpression } from '../../../local/service/validator';

const MODELLED = Object.values(MODELS);
const authority = { authorize: () => Promise.resolve(true), mayPassRole: () => Promise.resolve(true) };

test.each(MODELLED)('every shape that $serviceId refers to is there', ({ operations, shapes }) => {
  const referred = Object.values(shapes).flatMap(({ members = {}, member, key, value }) => [...Object.values(members), member, key, value].flatMap((reference) => reference?.shape ?? []));
  const inputs = Object.values(operations).flatMap(({ input }) => input ?? []);
  expect([...referred, ...inputs].filter((name) => shapes[name] === undefined)).toEqual([]);
});

test.each(MODELLED)('every pattern of $serviceId is one that JavaScript reads', ({ shapes }) => {
  for (const { pattern = '' } of Object.values(shapes)) { expect(() => regularExpression(pattern)).not.toThrow(); }
});

test('a rule of the overlay holds beside those of the model, and says where it comes from', () => {
  expect(MODELS.SageMaker.shapes.ListMaxResults).toEqual({ type: 'integer', max: 100, min: 1 });
  expect(Object.values(OVERLAY).flatMap((shapes) => Object.values(shapes)).filter(({ because }) => because.length < 20)).toEqual([]);
});

test('a stand-in whose table has an operation that the model does not have is an error', () => {
  expect(() => new Service({ id: 'IoT', authority, operations: () => ({ CreateRoleAlia: { run: () => ({}) } }) })).toThrow('the model of IoT in local/service/models has no CreateRoleAlia');
});
