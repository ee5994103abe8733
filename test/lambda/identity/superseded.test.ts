import { FakeServices, newEvent, SECRET, THING } from './fakes';

const MEMBERSHIP = { ThingName: THING, ThingTypeName: 'cameras', Attributes: { site: 'north' } };
const OTHER = { ...MEMBERSHIP, ThingTypeName: 'scanners', Attributes: { site: 'south' } };
const INVENTED = 'Demo_Type_1ABC';

async function settled(services: FakeServices, event: ReturnType<typeof newEvent>, meanwhile: () => Promise<unknown>): Promise<number> {
  const begin = services.time;
  const started = await services.handler.handle(event);
  await meanwhile();
  for (;;) {
    const answer = await services.handler.handle({ ...event, ...started });
    if ('IsComplete' in answer && answer.IsComplete) {
      return (services.time - begin) / 1000;
    }
    services.time += 5_000;
  }
}

test('a create whose answers are all lost fails under its own id, so that its Delete takes the thing out of the type again', async () => {
  const services = new FakeServices();
  services.loseAnswerOnce('updateThing');
  const create = newEvent('ThingTypeMembership', 'Create', MEMBERSHIP);
  const started = await services.handler.handle(create);
  expect(started).toMatchObject({ PhysicalResourceId: `ThingTypeMembership ${THING}` });
  await expect(services.handler.handle({ ...create, ...started })).rejects.toThrow('told to fail');
  expect(services.thing(THING).thingTypeName).toBe('cameras');
  await services.run(newEvent('ThingTypeMembership', 'Delete', MEMBERSHIP, undefined, `ThingTypeMembership ${THING}`));
  expect(services.thing(THING).thingTypeName).toBeUndefined();
});

test('a Delete under an invented id takes back what the cancelled create does after it', async () => {
  const services = new FakeServices();
  const seconds = await settled(services, newEvent('ThingTypeMembership', 'Delete', MEMBERSHIP, undefined, INVENTED),
    () => services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP)));
  expect(services.thing(THING).thingTypeName).toBeUndefined();
  expect(seconds).toBe(180); // the longest of a phase, and a little more: no create is at work then
});

test('a rollback that comes before the update which it takes back undoes that one as long as it can come', async () => {
  const services = new FakeServices();
  await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
  const seconds = await settled(services, newEvent('ThingTypeMembership', 'Update', MEMBERSHIP, OTHER),
    () => services.run(newEvent('ThingTypeMembership', 'Update', OTHER, MEMBERSHIP)));
  expect(services.thing(THING)).toMatchObject({ thingTypeName: 'cameras', attributes: { site: 'north' } });
  expect(seconds).toBe(180);
});

test.each([
  ['finds its work to do', OTHER, MEMBERSHIP], ['changes nothing', MEMBERSHIP, MEMBERSHIP],
])('an update that %s does not wait', async (_, to, from) => {
  const services = new FakeServices();
  await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
  const { completed } = await services.run(newEvent('ThingTypeMembership', 'Update', to, from));
  expect(completed).toEqual({ IsComplete: true, Data: {} });
});

test('a Delete under the id that the create answered does not wait', async () => {
  const services = new FakeServices();
  await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
  const event = newEvent('ThingTypeMembership', 'Delete', MEMBERSHIP, undefined, `ThingTypeMembership ${THING}`);
  const { completed } = await services.run(event);
  expect(completed).toEqual({ IsComplete: true });
});

test('a Delete of a key under an invented id does not wait: the key goes with its secret', async () => {
  const services = new FakeServices();
  const { completed } = await services.run(newEvent('DeviceKey', 'Delete', { SecretArn: SECRET, ThingName: THING }, undefined, INVENTED));
  expect(completed).toEqual({ IsComplete: true });
});

test('the first phase does nothing: were it to fail in it, the Delete would do nothing', async () => {
  const services = new FakeServices();
  for (const [kind, properties] of [['ThingTypeMembership', MEMBERSHIP], ['DeviceKey', { SecretArn: SECRET, ThingName: THING }]] as const) {
    await services.handler.handle(newEvent(kind, 'Create', properties));
    await services.handler.handle(newEvent(kind, 'Delete', properties));
  }
  expect(services.calls).toEqual([]);
});
