import { FakeServices, newEvent, NOT_FOUND, SECRET, serviceError, THING } from './fakes';
import { WAITS } from '../functions';

const MEMBERSHIP = { ThingName: THING, ThingTypeName: 'cameras', Attributes: { site: 'north', floor: '2' } };

describe('the membership of a thing in a type', () => {
  test('is made with the attributes at once', async () => {
    const services = new FakeServices();
    const { started, completed } = await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
    expect(services.thing(THING)).toMatchObject({ thingTypeName: 'cameras', attributes: { site: 'north', floor: '2' } });
    expect(started).toEqual({ PhysicalResourceId: `ThingTypeMembership ${THING}`, Since: 1_000_000 });
    expect(completed).toEqual({ IsComplete: true, Data: {} });
  });

  test('without attributes takes those away that were there', async () => {
    const services = new FakeServices();
    services.thing(THING).attributes = { stale: 'yes' };
    await services.run(newEvent('ThingTypeMembership', 'Create', { ThingName: THING, ThingTypeName: 'cameras' }));
    expect(services.thing(THING).attributes).toEqual({});
  });

  test('is changed in place, and back by a rollback', async () => {
    const services = new FakeServices();
    const next = { ...MEMBERSHIP, ThingTypeName: 'scanners', Attributes: { site: 'south' } };
    await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
    const { started } = await services.run(newEvent('ThingTypeMembership', 'Update', next, MEMBERSHIP));
    expect(started).toMatchObject({ PhysicalResourceId: `ThingTypeMembership ${THING}` });
    expect(services.thing(THING)).toMatchObject({ thingTypeName: 'scanners', attributes: { site: 'south' } });
    await services.run(newEvent('ThingTypeMembership', 'Update', MEMBERSHIP, next));
    expect(services.thing(THING)).toMatchObject({ thingTypeName: 'cameras', attributes: { site: 'north', floor: '2' } });
  });

  test('is made by a retry whose first answer was lost', async () => {
    const services = new FakeServices();
    services.loseAnswerOnce('updateThing');
    await expect(services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP))).rejects.toThrow('told to fail');
    await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
    expect(services.thing(THING).thingTypeName).toBe('cameras');
  });

  test('of a thing that is not there fails', async () => {
    await expect(new FakeServices().run(newEvent('ThingTypeMembership', 'Create', { ...MEMBERSHIP, ThingName: 'nobody' })))
      .rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('fails when the attributes are not a map', async () => {
    await expect(new FakeServices().run(newEvent('ThingTypeMembership', 'Create', { ...MEMBERSHIP, Attributes: 'site' })))
      .rejects.toThrow('property Attributes must be a map of texts, got "site"');
  });
});

describe('the end of a membership', () => {
  const deletion = newEvent('ThingTypeMembership', 'Delete', MEMBERSHIP, undefined, `ThingTypeMembership ${THING}`);

  test('takes the thing out of the type and leaves its attributes', async () => {
    const services = new FakeServices();
    await services.run(newEvent('ThingTypeMembership', 'Create', MEMBERSHIP));
    const { started, completed } = await services.run(deletion);
    expect(services.thing(THING)).toMatchObject({ thingTypeName: undefined, attributes: { site: 'north' } });
    expect(started).toMatchObject({ PhysicalResourceId: `ThingTypeMembership ${THING}`, Since: 1_000_000 });
    expect(completed).toEqual({ IsComplete: true });
  });

  test('takes attributes away that a thing without a type may not have', async () => {
    const services = new FakeServices();
    Object.assign(services.thing(THING), { thingTypeName: 'cameras', attributes: { a: '1', b: '2', c: '3', d: '4' } });
    await services.run(deletion);
    expect(services.thing(THING)).toMatchObject({ thingTypeName: undefined, attributes: {} });
  });

  test.each([undefined, 'scanners'])('leaves a thing alone whose type is %s by now', async (thingTypeName) => {
    const services = new FakeServices();
    services.thing(THING).thingTypeName = thingTypeName;
    await services.run(deletion);
    expect(services.operations()).toEqual(['describeThing']);
  });

  test.each(NOT_FOUND)('is over when the thing is gone ($name)', async (error) => {
    const services = new FakeServices();
    services.failOnce('describeThing', error);
    expect((await services.run(deletion)).completed).toEqual({ IsComplete: true });
  });

  test.each(NOT_FOUND)('is over when the thing goes meanwhile ($name)', async (error) => {
    const services = new FakeServices();
    services.thing(THING).thingTypeName = 'cameras';
    services.failOnce('updateThing', error);
    expect((await services.run(deletion)).completed).toEqual({ IsComplete: true });
  });

  test.each(['describeThing', 'updateThing'])('swallows nothing else from %s', async (operation) => {
    const services = new FakeServices();
    services.thing(THING).thingTypeName = 'cameras';
    services.failOnce(operation, serviceError('InternalFailureException', `no iot:${operation}`));
    await expect(services.run(deletion)).rejects.toThrow(`iot:${operation}`);
  });
});

describe('an endpoint', () => {
  test.each(['iot:CredentialProvider', 'iot:Data-ATS'])('of type %s is looked up', async (type) => {
    const services = new FakeServices();
    const { started, completed } = await services.run(newEvent('CredentialEndpoint', 'Create', { EndpointType: type }));
    expect(services.calls).toEqual([{ operation: 'describeEndpoint', input: { endpointType: type } }]);
    expect(started).toEqual({ PhysicalResourceId: `CredentialEndpoint ${type}`, Since: 1_000_000 });
    expect(completed).toEqual({ IsComplete: true, Data: { EndpointAddress: 'abc.credentials.iot.us-east-1.amazonaws.com' } });
  });

  test('fails when IoT gives none', async () => {
    const services = new FakeServices();
    services.endpointAddress = undefined;
    await expect(services.run(newEvent('CredentialEndpoint', 'Update', { EndpointType: 'iot:Data-ATS' })))
      .rejects.toThrow('IoT gives no address for endpoint type iot:Data-ATS');
  });

  test('is not deleted: it is the account\'s', async () => {
    const services = new FakeServices();
    const { completed } = await services.run(newEvent('CredentialEndpoint', 'Delete', { EndpointType: 'iot:Data-ATS' }));
    expect(completed).toEqual({ IsComplete: true });
    expect(services.calls).toEqual([]);
  });
});

describe('a right that is refused', () => {
  const denied = serviceError('AccessDeniedException', 'not authorized to perform: iot:DescribeThing');

  test('is waited for: IAM may not have spread what the stack has just granted', async () => {
    const services = new FakeServices();
    const event = newEvent('ThingTypeMembership', 'Create', MEMBERSHIP);
    services.failOnce('updateThing', denied);
    const { started, completed } = await services.run(event);
    expect(completed).toEqual(WAITS);
    services.time += 5000;
    expect(await services.handler.handle({ ...event, ...started })).toMatchObject({ IsComplete: true });
    expect(services.thing(THING).thingTypeName).toBe('cameras');
  });

  test('fails the resource after ten seconds', async () => {
    const services = new FakeServices();
    const event = newEvent('ThingTypeMembership', 'Create', MEMBERSHIP);
    const started = await services.handler.handle(event);
    services.time += 10_000;
    services.failOnce('updateThing', denied);
    await expect(services.handler.handle({ ...event, ...started })).rejects.toThrow('not authorized to perform: iot:DescribeThing');
  });
});

describe('the handler', () => {
  test('fails when it does not know the type', async () => {
    const event = { ...newEvent('DeviceKey', 'Create', {}), ResourceType: 'Custom::Other' };
    await expect(new FakeServices().handler.handle(event)).rejects.toThrow('no handler for resource type Custom::Other');
  });

  test('fails when a Delete has no id', async () => {
    const event = { ...newEvent('DeviceKey', 'Delete', { SecretArn: SECRET }), PhysicalResourceId: undefined };
    await expect(new FakeServices().handler.handle(event)).rejects.toThrow('Delete of DeviceKey without a PhysicalResourceId');
  });
});
