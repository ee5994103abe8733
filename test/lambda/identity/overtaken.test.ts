import { FakeServices, newEvent, THING } from './fakes';

const MEMBERSHIP = { ThingName: THING, ThingTypeName: 'cameras', Attributes: { site: 'north' } };
const OTHER = { ...MEMBERSHIP, ThingTypeName: 'scanners', Attributes: { site: 'south' } };
const INVENTED = 'Demo_Type_1ABC';

async function settled(services: FakeServices, event: ReturnType<typeof newEvent>, meanwhile: () => Promise<unknown>): Promise<number> {
  const begin = services.time;
  const started = await services.handler.handle(event);
  await meanwhile();
  for (;;) {
    const answer = await services.handler.handle({ ...event, ...started });
    if ('IsComplete' in answer && answer.IsComplete) { return (services.time - begin) / 1000; }
    services.time += 5_000;
  }
}

test('a create whose answers are all lost fails under its own id, so that its Delete takes the thing out of the type again', async () => {
  const services = new FakeServices();
  services.loseAnswerOnce('updateThing');
  const create = newEvent('ThingTypeMembership', 'Create', MEMBERSHIP);
  const started = await services.handler.handle(create);
  expect(started).toMatchObject({ PhysicalResourceId: `ThingTypeMembership ${THING}` });
  await expect(services.handler.handle({ ...create, ...started })).rejects.toThrow('TimeoutError: told to fail');
  expect(services.thing(THING).thingTypeName).toBe('cameras');
  await services.run(newEvent('ThingTypeMembership', 'Delete', MEMBERSHIP, undefined, `ThingTypeMembership ${THING}`));
  expect(services.thing(THING).thingTypeName).toBeUndefined();
});

test('a Delete under an invented id takes back what the cancelled create does after it', async () => {
  const services = new FakeServices();
  const seconds = await settled(services, newEvent('ThingTypeMembership', 'Delete', MEMBERSHIP, undefined, INVENTED),
    () => services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP)));
  expect(services.thing(THING).thingTypeName).toBeUndefined();
  expect(seconds).toBe(120); // the function's timeout: no create is at work then
});

test('a rollback brings its properties about again once the overtaken update is over', async () => {
  const services = new FakeServices();
  const seconds = await settled(services, newEvent('ThingTypeMembership', 'Update', MEMBERSHIP, OTHER),
    () => services.handler.handle(newEvent('ThingTypeMembership', 'Update', OTHER, MEMBERSHIP)));
  expect(services.thing(THING)).toMatchObject({ thingTypeName: 'cameras', attributes: { site: 'north' } });
  expect(seconds).toBe(30);
});

test('a Delete under the id that the create answered does not wait', async () => {
  const services = new FakeServices();
  await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
  const { completed } = await services.run(newEvent('ThingTypeMembership', 'Delete', MEMBERSHIP, undefined, `ThingTypeMembership ${THING}`));
  expect(completed).toEqual({ IsComplete: true });
});

test('a Delete of a key under an invented id does not wait: the key goes with its secret', async () => {
  const services = new FakeServices();
  const { completed } = await services.run(newEvent('DeviceKey', 'Delete', { SecretArn: 'arn:secret', ThingName: THING }, undefined, INVENTED));
  expect(completed).toEqual({ IsComplete: true });
});

test('an update that fails is the framework\'s to answer, with the id that it has', async () => {
  const services = new FakeServices();
  services.loseAnswerOnce('updateThing');
  await expect(services.handler.handle(newEvent('ThingTypeMembership', 'Update', OTHER, MEMBERSHIP))).rejects.toThrow('told to fail');
});
