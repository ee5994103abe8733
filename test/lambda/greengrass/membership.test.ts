import { FakeAws, newEvent, notFound, serviceError, yes } from './fixture';

const TYPE = 'Custom::SageMakerEdge-ThingGroupMembership';
const properties = (deleteCoreDevice = 'true', group = 'fleet'): Record<string, unknown> => ({
  ThingGroupName: group,
  ThingName: 'camera',
  DeleteCoreDevice: deleteCoreDevice,
});
const remove = (given = properties()) => newEvent(TYPE, 'Delete', given, { physicalId: 'fleet/camera' });

describe('a thing group membership', () => {
  test('is made, and its id is the pair', async () => {
    const aws = new FakeAws({ addThingToThingGroup: yes });
    const { started } = await aws.run(newEvent(TYPE, 'Create', properties()));
    expect([started.PhysicalResourceId, aws.calls]).toEqual([
      'fleet/camera',
      [['addThingToThingGroup', { thingGroupName: 'fleet', thingName: 'camera' }]],
    ]);
  });

  test('of another group is another resource', async () => {
    const aws = new FakeAws({ addThingToThingGroup: yes });
    const event = newEvent(TYPE, 'Update', properties('true', 'other'), { old: properties(), physicalId: 'fleet/camera' });
    const { started } = await aws.run(event);
    expect(started.PhysicalResourceId).toBe('other/camera');
  });

  test('is undone, and the core device forgotten', async () => {
    const aws = new FakeAws({
      removeThingFromThingGroup: yes,
      listThingGroupsForThing: () => Promise.resolve({ thingGroups: [] }),
      deleteCoreDevice: yes,
    });
    await aws.run(remove());
    expect(aws.calls).toEqual([
      ['removeThingFromThingGroup', { thingGroupName: 'fleet', thingName: 'camera' }],
      ['listThingGroupsForThing', { thingName: 'camera' }],
      ['deleteCoreDevice', { coreDeviceThingName: 'camera' }],
    ]);
  });

  test('of a device that has gone to another group leaves the core device', async () => {
    const aws = new FakeAws({
      removeThingFromThingGroup: yes,
      listThingGroupsForThing: () => Promise.resolve({ thingGroups: [{ groupName: 'other' }] }),
    });
    await aws.run(remove());
    expect(aws.names()).not.toContain('deleteCoreDevice');
  });

  test('leaves the core device where that is asked for', async () => {
    const aws = new FakeAws({ removeThingFromThingGroup: yes });
    await aws.run(remove(properties('false')));
    expect(aws.names()).toEqual(['removeThingFromThingGroup']);
  });

  test('the first phase does nothing: were it to fail in it, the Delete would do nothing', async () => {
    const aws = new FakeAws({});
    for (const event of [newEvent(TYPE, 'Create', properties()), remove()]) {
      await aws.onEvent(event);
    }
    expect(aws.calls).toEqual([]);
  });

  test('a Delete under an invented id takes back what the cancelled create does after it', async () => {
    const members = new Set<string>();
    const aws = new FakeAws({
      addThingToThingGroup: ({ thingName = '' }) => {
        members.add(thingName);
        return Promise.resolve({});
      },
      removeThingFromThingGroup: ({ thingName = '' }) => {
        members.delete(thingName);
        return Promise.resolve({});
      },
    });
    await aws.run(newEvent(TYPE, 'Create', properties('false')));
    const { polls } = await aws.run(newEvent(TYPE, 'Delete', properties('false'), { physicalId: 'Stack-Logical-1ABC' }), { polls: 200 });
    expect([members.size, polls]).toEqual([0, 37]); // the longest that the call takes, and a little more
  });

  test('that is gone is success', async () => {
    const aws = new FakeAws({ removeThingFromThingGroup: notFound, listThingGroupsForThing: notFound, deleteCoreDevice: notFound });
    await expect(aws.run(remove())).resolves.toBeDefined();
  });

  test('waits for a right that IAM may not have spread yet', async () => {
    const aws: FakeAws = new FakeAws({
      addThingToThingGroup: () => (aws.time < 1_010_000 ? Promise.reject(serviceError('AccessDeniedException')) : yes()),
    });
    expect((await aws.run(newEvent(TYPE, 'Create', properties()))).polls).toBe(3);
  });

  test('fails when a right is refused for ten seconds', async () => {
    const aws = new FakeAws({
      addThingToThingGroup: () => Promise.reject(serviceError('AccessDeniedException', 'no iot:AddThingToThingGroup')),
    });
    await expect(aws.run(newEvent(TYPE, 'Create', properties()))).rejects.toThrow('no iot:AddThingToThingGroup');
    expect(aws.calls).toHaveLength(3);
  });

  test('other failures are not swallowed', async () => {
    const slow = new FakeAws({ removeThingFromThingGroup: () => Promise.reject(serviceError('ThrottlingException', 'slow')) });
    await expect(slow.run(remove())).rejects.toThrow('slow');
    const creating = new FakeAws({ addThingToThingGroup: notFound });
    await expect(creating.run(newEvent(TYPE, 'Create', properties()))).rejects.toThrow('ResourceNotFoundException');
  });
});
