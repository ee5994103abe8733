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

  test('the first phase does nothing: were it to die of it, the framework would swallow the Delete', async () => {
    const world = new World({});
    for (const event of [newEvent(TYPE, 'Create', properties()), remove()]) { await world.onEvent(event); }
    expect(world.calls).toEqual([]);
  });

  test('a Delete under an invented id takes back what the cancelled create does after it', async () => {
    const members = new Set<string>();
    const world = new World({ addThingToThingGroup: ({ thingName = '' }) => { members.add(thingName); return Promise.resolve({}); }, removeThingFromThingGroup: ({ thingName = '' }) => { members.delete(thingName); return Promise.resolve({}); } });
    await world.run(newEvent(TYPE, 'Create', properties('false')));
    const { polls } = await world.run(newEvent(TYPE, 'Delete', properties('false'), { physicalId: 'Stack-Logical-1ABC' }), { polls: 200 });
    expect([members.size, polls]).toEqual([0, 31]); // the longest that the call takes, and a little more
  });

  test('that is gone is success', async () => {
    await expect(new World({ removeThingFromThingGroup: notFound, listThingGroupsForThing: notFound, deleteCoreDevice: notFound }).run(remove())).resolves.toBeDefined();
  });

  test('waits for a right that IAM may not have spread yet', async () => {
    const world: World = new World({ addThingToThingGroup: () => (world.time < 1_010_000 ? Promise.reject(serviceError('AccessDeniedException')) : yes()) });
    expect((await world.run(newEvent(TYPE, 'Create', properties()))).polls).toBe(3);
  });

  test('fails when a right is refused for ten seconds', async () => {
    const world = new World({ addThingToThingGroup: () => Promise.reject(serviceError('AccessDeniedException', 'no iot:AddThingToThingGroup')) });
    await expect(world.run(newEvent(TYPE, 'Create', properties()))).rejects.toThrow('no iot:AddThingToThingGroup');
    expect(world.calls).toHaveLength(3);
  });

  test('other failures are not swallowed', async () => {
    await expect(new World({ removeThingFromThingGroup: () => Promise.reject(serviceError('ThrottlingException', 'slow')) }).run(remove())).rejects.toThrow('slow');
    await expect(new World({ addThingToThingGroup: notFound }).run(newEvent(TYPE, 'Create', properties()))).rejects.toThrow('ResourceNotFoundException');
  });
});
