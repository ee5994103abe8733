import { newEvent, notFound, serviceError, World, yes } from './fixture';

const TYPE = 'Custom::SageMakerEdge-ThingGroupMembership';
const properties = (deleteCoreDevice = 'true', group = 'fleet'): Record<string, unknown> => ({ ThingGroupName: group, ThingName: 'camera', DeleteCoreDevice: deleteCoreDevice });
const remove = (given = properties()) => newEvent(TYPE, 'Delete', given, { physicalId: 'fleet/camera' });

describe('a thing group membership', () => {
  test('is made, and its id is the pair', async () => {
    const world = new World({ addThingToThingGroup: yes });
    const { started } = await world.run(newEvent(TYPE, 'Create', properties()));
    expect([started.PhysicalResourceId, world.calls]).toEqual(['fleet/camera', [['addThingToThingGroup', { thingGroupName: 'fleet', thingName: 'camera' }]]]);
  });

  test('of another group is another resource', async () => {
    const world = new World({ addThingToThingGroup: yes });
    const { started } = await world.run(newEvent(TYPE, 'Update', properties('true', 'other'), { old: properties(), physicalId: 'fleet/camera' }));
    expect(started.PhysicalResourceId).toBe('other/camera');
  });

  test('is undone, and the core device forgotten', async () => {
    const world = new World({ removeThingFromThingGroup: yes, listThingGroupsForThing: () => Promise.resolve({ thingGroups: [] }), deleteCoreDevice: yes });
    await world.run(remove());
    expect(world.calls).toEqual([
      ['removeThingFromThingGroup', { thingGroupName: 'fleet', thingName: 'camera' }], ['listThingGroupsForThing', { thingName: 'camera' }], ['deleteCoreDevice', { coreDeviceThingName: 'camera' }],
    ]);
  });

  test('of a device that has gone to another group leaves the core device', async () => {
    const world = new World({ removeThingFromThingGroup: yes, listThingGroupsForThing: () => Promise.resolve({ thingGroups: [{ groupName: 'other' }] }) });
    await world.run(remove());
    expect(world.names()).not.toContain('deleteCoreDevice');
  });

  test('leaves the core device where that is asked for', async () => {
    const world = new World({ removeThingFromThingGroup: yes });
    await world.run(remove(properties('false')));
    expect(world.names()).toEqual(['removeThingFromThingGroup']);
  });

  test('that is gone is success', async () => {
    await expect(new World({ removeThingFromThingGroup: notFound, listThingGroupsForThing: notFound, deleteCoreDevice: notFound }).run(remove())).resolves.toBeDefined();
  });

  test('other failures are not swallowed', async () => {
    await expect(new World({ removeThingFromThingGroup: () => Promise.reject(serviceError('ThrottlingException', 'slow')) }).run(remove())).rejects.toThrow('slow');
    await expect(new World({ addThingToThingGroup: notFound }).run(newEvent(TYPE, 'Create', properties()))).rejects.toThrow('ResourceNotFoundException');
  });
});
