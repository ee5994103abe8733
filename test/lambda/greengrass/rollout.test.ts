import { FakeAws, newEvent, notFound } from './fixture';
import {
  active, create, effective, GROUP, healthy, inTurn, noDeployments, properties, says, things, TYPE, update, type Status,
} from './rollout-fixture';

describe('the rollout of a deployment', () => {
  test('without a wait is done at once', async () => {
    expect((await new FakeAws({}).run(create({ WaitSeconds: '0' }))).polls).toBe(1);
  });

  test('waits until every device has carried it out', async () => {
    let asked = 0;
    const aws = new FakeAws({
      listThingsInThingGroup: ({ nextToken }) =>
        Promise.resolve(nextToken === undefined ? { things: ['a'], nextToken: 'more' } : { things: ['b'] }),
      listEffectiveDeployments: ({ coreDeviceThingName }) =>
        says(coreDeviceThingName === 'a' || asked++ > 2 ? 'SUCCEEDED' : 'IN_PROGRESS')(),
      getDeployment: active,
      ...healthy,
    });
    expect((await aws.run(create())).polls).toBe(4);
  });

  test('waits for a device that never connected, and one that has not heard of it', async () => {
    const hasNotHeard = () => Promise.resolve({ effectiveDeployments: [] });
    const aws = new FakeAws({
      ...healthy,
      listThingsInThingGroup: things('a'),
      getDeployment: active,
      listEffectiveDeployments: inTurn(notFound, hasNotHeard, says('COMPLETED')),
    });
    expect((await aws.run(create())).polls).toBe(3);
  });

  test('waits for the named devices alone, and does not look into the group', async () => {
    const aws = new FakeAws({
      ...healthy,
      listEffectiveDeployments: ({ coreDeviceThingName }) => says(coreDeviceThingName === 'a' ? 'SUCCEEDED' : 'QUEUED')(),
    });
    expect((await aws.run(newEvent(TYPE, 'Create', { ...properties(), ThingNames: ['a'] }))).polls).toBe(1);
    expect(aws.names()).toEqual(['listEffectiveDeployments', 'getCoreDevice']);
  });

  test('fails when the names are none', async () => {
    const event = newEvent(TYPE, 'Create', { ...properties(), ThingNames: 'a' });
    await expect(new FakeAws({}).onEvent(event)).rejects.toThrow(/property ThingNames must be a list of texts, got "a"/);
  });

  test('of an empty group is done', async () => {
    expect((await new FakeAws({ listThingsInThingGroup: things() }).run(create())).polls).toBe(1);
  });

  test.each<[Status]>([
    ['FAILED'], ['TIMED_OUT'], ['CANCELED'], ['REJECTED'],
  ])('fails with a device\'s own words when it says %s', async (status) => {
    const aws = new FakeAws({
      listThingsInThingGroup: things('a', 'b'),
      listEffectiveDeployments: ({ coreDeviceThingName }) =>
        says(coreDeviceThingName === 'a' ? status : 'SUCCEEDED', 'FAILED_ROLLBACK_COMPLETE: no model')(),
    });
    await expect(aws.run(create())).rejects.toThrow('deployment new failed on 1 of 2 devices of fleet: '
      + `a: ${String(status)}, FAILED_ROLLBACK_COMPLETE: no model (see /greengrass/v2/logs/greengrass.log`);
  });

  test('fails with the place of the component\'s own words, which stay on the device', async () => {
    const aws = new FakeAws({
      listThingsInThingGroup: things('a'),
      listEffectiveDeployments: says('FAILED', 'Service my.agent in broken state after deployment'),
    });
    await expect(aws.run(create())).rejects.toThrow('a: FAILED, Service my.agent in broken state after deployment '
      + '(why: /greengrass/v2/logs/my.agent.log on the device; on nucleus lite: journalctl -t my.agent)');
  });

  test('names five devices and counts the rest', async () => {
    const aws = new FakeAws({
      listThingsInThingGroup: things('a', 'b', 'c', 'd', 'e', 'f', 'g'),
      listEffectiveDeployments: says('FAILED'),
    });
    await expect(aws.run(create())).rejects.toThrow(/7 of 7.*e: FAILED; and 2 more/);
  });

  test('fails for a status that nobody knows', async () => {
    const aws = new FakeAws({
      listThingsInThingGroup: things('a'),
      listEffectiveDeployments: () => Promise.resolve({
        effectiveDeployments: [Object.assign(effective('new', 'QUEUED'), { coreDeviceExecutionStatus: 'PAUSED' })],
      }),
    });
    await expect(aws.run(create())).rejects.toThrow(/device a reports the status PAUSED/);
  });

  test('fails after its limit with the devices that are missing, in its own words', async () => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a'), listEffectiveDeployments: notFound, getDeployment: active });
    await expect(aws.run(create({ WaitSeconds: '60' }))).rejects.toThrow(
      'deployment new did not reach 1 of 1 devices of fleet within 60 seconds: a; are they connected, and do they run Greengrass?',
    );
    expect(aws.time).toBe(1_060_000);
  });

  test('fails when another deployment takes its place', async () => {
    const aws = new FakeAws({
      listThingsInThingGroup: things('a'),
      listEffectiveDeployments: notFound,
      getDeployment: () => Promise.resolve({ deploymentStatus: 'INACTIVE' }),
    });
    await expect(aws.run(create()))
      .rejects.toThrow(/deployment new is INACTIVE before 1 of 1 devices of fleet have it: another deployment to this thing group/);
  });

  test('asks less often as time goes on', async () => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a'), listEffectiveDeployments: notFound, getDeployment: active });
    await expect(aws.run(create(), { polls: 200 })).rejects.toThrow(/did not reach/);
    expect(aws.names().filter((name) => name === 'listThingsInThingGroup').length).toBeLessThan(60);
  });

  test('an update waits for the new deployment under the same id', async () => {
    const aws = new FakeAws({
      ...noDeployments,
      ...healthy,
      listThingsInThingGroup: things('a'),
      listEffectiveDeployments: says('SUCCEEDED'),
      getDeployment: active,
    });
    const first = await new FakeAws({}).run(create({ WaitSeconds: '0' }));
    expect((await aws.run(update({}))).started.PhysicalResourceId).toBe(first.started.PhysicalResourceId);
  });

  test('an update of the settings alone waits for nothing', async () => {
    expect((await new FakeAws({}).run(update({}, { DeploymentId: 'new', WaitSeconds: '5' }))).polls).toBe(1);
  });

  test('another target is another id, so that the old one is uninstalled after the new one is there', async () => {
    const a = await new FakeAws({}).run(create({ WaitSeconds: '0' }));
    const b = await new FakeAws({}).run(create({ WaitSeconds: '0', TargetArn: `${GROUP}2` }));
    expect(a.started.PhysicalResourceId).not.toBe(b.started.PhysicalResourceId);
  });

  test('a type that nobody serves is named', async () => {
    await expect(new FakeAws({}).onEvent(newEvent('Custom::Other', 'Create', {})))
      .rejects.toThrow(/no handler for resource type Custom::Other: it must be one of Custom::SageMakerEdge-ComponentArtifacts/);
  });

  test('a number that is none is named', async () => {
    await expect(new FakeAws({}).onEvent(create({ WaitSeconds: 'soon' })))
      .rejects.toThrow(/property WaitSeconds must be a whole number of at least 0, got "soon"/);
  });
});
