import type { EffectiveDeployment } from '@aws-sdk/client-greengrassv2';
import type { ResourceEvent } from '../../../lambda/shared/events';
import { newEvent, notFound, serviceError, FakeAws, yes } from './fixture';

const TYPE = 'Custom::SageMakerEdge-FleetRollout';
const GROUP = 'arn:aws:iot:eu-west-1:111111111111:thinggroup/fleet';
const properties = (changes: Record<string, string> = {}): Record<string, string> => ({ Owner: 'fleet', DeploymentId: 'new', TargetArn: GROUP, ThingGroupName: 'fleet', WaitSeconds: '600', UninstallSeconds: '0', ...changes });
const create = (changes: Record<string, string> = {}): ResourceEvent => newEvent(TYPE, 'Create', properties(changes));
const update = (changes: Record<string, string>, old: Record<string, string> = {}): ResourceEvent => newEvent(TYPE, 'Update', properties(changes), { old: properties({ DeploymentId: 'old', ...old }), physicalId: 'x' });
const remove = (changes: Record<string, string> = {}): ResourceEvent => newEvent(TYPE, 'Delete', properties({ UninstallSeconds: '60', ...changes }), { physicalId: 'x' });

type Status = EffectiveDeployment['coreDeviceExecutionStatus'];
const effective = (deploymentId: string, status: Status, reason?: string): EffectiveDeployment => ({
  deploymentId, deploymentName: 'd', targetArn: GROUP, coreDeviceExecutionStatus: status, reason, creationTimestamp: new Date(0), modifiedTimestamp: new Date(0),
});
const things = (...names: string[]) => () => Promise.resolve({ things: names });
const says = (status: Status, reason?: string, id = 'new') => () => Promise.resolve({ effectiveDeployments: [effective('other', 'FAILED'), effective(id, status, reason)] });
const healthy = { getCoreDevice: () => Promise.resolve({ status: 'HEALTHY' as const, lastStatusUpdateTimestamp: new Date(0) }) };
const none = { listDeployments: () => Promise.resolve({ deployments: [] }) };
const OWNER = { 'cdk-sagemaker-edge:rollout': expect.stringMatching(/^rollout-[0-9a-f]{32}$/) as string };
const active = () => Promise.resolve({ deploymentStatus: 'ACTIVE' as const, isLatestForTarget: true });

describe('the rollout of a deployment', () => {
  test('without a wait is done at once', async () => {
    expect((await new FakeAws({}).run(create({ WaitSeconds: '0' }))).polls).toBe(1);
  });

  test('waits until every device has carried it out', async () => {
    let asked = 0;
    const aws = new FakeAws({
      listThingsInThingGroup: ({ nextToken }) => Promise.resolve(nextToken === undefined ? { things: ['a'], nextToken: 'more' } : { things: ['b'] }),
      listEffectiveDeployments: ({ coreDeviceThingName }) => says(coreDeviceThingName === 'a' || asked++ > 2 ? 'SUCCEEDED' : 'IN_PROGRESS')(), getDeployment: active, ...healthy,
    });
    expect((await aws.run(create())).polls).toBe(4);
  });

  test('waits for a device that never connected, and one that has not heard of it', async () => {
    let asked = 0;
    const aws = new FakeAws({ ...healthy, listThingsInThingGroup: things('a'), getDeployment: active, listEffectiveDeployments: () => { asked += 1; return asked === 1 ? notFound() : asked === 2 ? Promise.resolve({ effectiveDeployments: [] }) : says('COMPLETED')(); } });
    expect((await aws.run(create())).polls).toBe(3);
  });

  test('waits for the named devices alone, and does not look into the group', async () => {
    const aws = new FakeAws({ ...healthy, listEffectiveDeployments: ({ coreDeviceThingName }) => says(coreDeviceThingName === 'a' ? 'SUCCEEDED' : 'QUEUED')() });
    expect((await aws.run(newEvent(TYPE, 'Create', { ...properties(), ThingNames: ['a'] }))).polls).toBe(1);
    expect(aws.names()).toEqual(['listEffectiveDeployments', 'getCoreDevice']);
  });

  test('uninstalls from all that are in the group', async () => {
    const aws = new FakeAws({ ...none, createDeployment: () => Promise.resolve({ deploymentId: 'empty' }), listThingsInThingGroup: things('a', 'b'), listEffectiveDeployments: says('SUCCEEDED', undefined, 'empty'), cancelDeployment: yes, deleteDeployment: yes });
    await aws.run(newEvent(TYPE, 'Delete', { ...properties({ UninstallSeconds: '60' }), ThingNames: ['a'] }, { physicalId: 'x' }));
    expect(aws.names().filter((name) => name === 'listEffectiveDeployments')).toHaveLength(2);
  });

  test('fails when the names are none', async () => {
    await expect(Promise.resolve().then(() => new FakeAws({}).onEvent(newEvent(TYPE, 'Create', { ...properties(), ThingNames: 'a' })))).rejects.toThrow(/property ThingNames must be a list of texts, got "a"/);
  });

  test('of an empty group is done', async () => {
    expect((await new FakeAws({ listThingsInThingGroup: things() }).run(create())).polls).toBe(1);
  });

  test.each<[Status]>([['FAILED'], ['TIMED_OUT'], ['CANCELED'], ['REJECTED']])('fails with a device\'s own words when it says %s', async (status) => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a', 'b'), listEffectiveDeployments: ({ coreDeviceThingName }) => says(coreDeviceThingName === 'a' ? status : 'SUCCEEDED', 'FAILED_ROLLBACK_COMPLETE: no model')() });
    await expect(aws.run(create())).rejects.toThrow(`deployment new failed on 1 of 2 devices of fleet: a: ${String(status)}, FAILED_ROLLBACK_COMPLETE: no model (see logs/greengrass.log`);
  });

  test('names five devices and counts the rest', async () => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a', 'b', 'c', 'd', 'e', 'f', 'g'), listEffectiveDeployments: says('FAILED') });
    await expect(aws.run(create())).rejects.toThrow(/7 of 7.*e: FAILED; and 2 more/);
  });

  test('fails for a status that nobody knows', async () => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a'), listEffectiveDeployments: () => Promise.resolve({ effectiveDeployments: [Object.assign(effective('new', 'QUEUED'), { coreDeviceExecutionStatus: 'PAUSED' })] }) });
    await expect(aws.run(create())).rejects.toThrow(/device a reports the status PAUSED/);
  });

  test('fails after its limit with the devices that are missing, in its own words', async () => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a'), listEffectiveDeployments: notFound, getDeployment: active });
    await expect(aws.run(create({ WaitSeconds: '60' }))).rejects.toThrow('deployment new did not reach 1 of 1 devices of fleet within 60 seconds: a; are they connected, and do they run Greengrass?');
    expect(aws.time).toBe(1_060_000);
  });

  test('fails when another deployment takes its place', async () => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a'), listEffectiveDeployments: notFound, getDeployment: () => Promise.resolve({ deploymentStatus: 'INACTIVE' }) });
    await expect(aws.run(create())).rejects.toThrow(/deployment new is INACTIVE before 1 of 1 devices of fleet have it: another deployment to this thing group/);
  });

  test('asks less often as time goes on', async () => {
    const aws = new FakeAws({ listThingsInThingGroup: things('a'), listEffectiveDeployments: notFound, getDeployment: active });
    await expect(aws.run(create(), { polls: 200 })).rejects.toThrow(/did not reach/);
    expect(aws.names().filter((name) => name === 'listThingsInThingGroup').length).toBeLessThan(60);
  });

  test('an update waits for the new deployment under the same id', async () => {
    const aws = new FakeAws({ ...none, ...healthy, listThingsInThingGroup: things('a'), listEffectiveDeployments: says('SUCCEEDED'), getDeployment: active });
    const first = await new FakeAws({}).run(create({ WaitSeconds: '0' }));
    expect((await aws.run(update({}))).started.PhysicalResourceId).toBe(first.started.PhysicalResourceId);
  });

  test('an update of the settings alone waits for nothing', async () => {
    expect((await new FakeAws({}).run(update({}, { DeploymentId: 'new', WaitSeconds: '5' }))).polls).toBe(1);
  });

  test('another target is another id, so that the old one is uninstalled after the new one is there', async () => {
    const [a, b] = [await new FakeAws({}).run(create({ WaitSeconds: '0' })), await new FakeAws({}).run(create({ WaitSeconds: '0', TargetArn: `${GROUP}2` }))];
    expect(a.started.PhysicalResourceId).not.toBe(b.started.PhysicalResourceId);
  });

  describe('on a rollback', () => {
    const earlier = { deploymentId: 'new', isLatestForTarget: false, deploymentName: 'd', components: { app: { componentVersion: '1.0.0' } }, deploymentPolicies: { failureHandlingPolicy: 'ROLLBACK' as const }, iotJobConfiguration: {}, creationTimestamp: new Date(1) };

    const later = { deploymentId: 'old', creationTimestamp: new Date(2) };
    const between = (before: Partial<typeof later>, after: Partial<typeof later> | undefined) => ({ deploymentId }: { deploymentId?: string | undefined }) => (deploymentId === 'new' ? Promise.resolve({ ...earlier, ...before }) : after ? Promise.resolve({ ...later, ...after }) : notFound());
    const again = () => Promise.resolve({ deploymentId: 'again' });

    test('gives the devices the revision before anew, and does not wait', async () => {
      const aws = new FakeAws({ ...none, getDeployment: between({}, {}), createDeployment: again });
      expect((await aws.run(update({}))).polls).toBe(1);
      expect(aws.calls).toContainEqual(['createDeployment', {
        targetArn: GROUP, deploymentName: 'd', components: earlier.components, deploymentPolicies: earlier.deploymentPolicies, iotJobConfiguration: {}, parentTargetArn: undefined,
        clientToken: expect.stringMatching(/^[0-9a-f]{64}$/) as string, tags: { ...OWNER, 'cdk-sagemaker-edge:copy-of': 'new' },
      }]);
    });

    test('asks with the same token each time, so that it is made once', async () => {
      const tokens = await Promise.all(['a', 'b'].map(async (RequestId) => {
        const aws = new FakeAws({ ...none, getDeployment: between({}, {}), createDeployment: again });
        await aws.onEvent({ ...update({}), RequestId });
        return aws.calls.filter(([name]) => name === 'createDeployment').map(([, input]) => input);
      }));
      expect(tokens[0]).toEqual(tokens[1]);
    });

    test('asks for no second copy, though the failed deployment is gone by then', async () => {
      const first = new FakeAws({ ...none, getDeployment: between({}, {}), createDeployment: again });
      const { started } = await first.run(update({}));
      const tags = { 'cdk-sagemaker-edge:rollout': started.PhysicalResourceId, 'cdk-sagemaker-edge:copy-of': 'new' };
      const copy = { deploymentId: 'again', isLatestForTarget: true, creationTimestamp: new Date(3), tags };
      const aws = new FakeAws({
        listDeployments: () => Promise.resolve({ deployments: [{ deploymentId: 'new' }, { deploymentId: 'again' }] }),
        getDeployment: (input) => (input.deploymentId === 'again' ? Promise.resolve(copy) : between({}, undefined)(input)),
      });
      await aws.run(update({}));
      expect(aws.names()).not.toContain('createDeployment');
    });

    test('of a deployment that is gone already gives back all the same', async () => {
      const aws = new FakeAws({ ...none, getDeployment: between({}, undefined), createDeployment: again });
      await aws.run(update({}));
      expect(aws.names()).toContain('createDeployment');
    });

    test('an update that comes late, after its rollback, gives nothing back', async () => {
      const aws = new FakeAws({ ...none, getDeployment: between({ creationTimestamp: new Date(3) }, {}) });
      await aws.run(update({ WaitSeconds: '0' }));
      expect(aws.names()).not.toContain('createDeployment');
    });

    test('to a deployment that is gone there is nothing to give', async () => {
      const aws = new FakeAws({ ...none, getDeployment: notFound });
      await aws.run(update({}));
      expect(aws.names()).not.toContain('createDeployment');
    });

    test('what fails is not swallowed', async () => {
      await expect(new FakeAws({ getDeployment: () => Promise.reject(serviceError('AccessDeniedException', 'no')) }).run(update({}))).rejects.toThrow('no');
    });
  });

  describe('on deletion', () => {
    test('leaves the components by default', async () => {
      const aws = new FakeAws(none);
      expect((await aws.run(remove({ UninstallSeconds: '0' }))).started.PhysicalResourceId).toBe('x');
      expect(aws.names()).toEqual(['listDeployments']);
    });

    /** A target whose deployment is the stack's, and then the empty one. */
    const target = (deleteDeployment = yes): ConstructorParameters<typeof FakeAws>[0] => {
      let made: { deploymentId: string; tags: Record<string, string> | undefined } | undefined;
      return {
        createDeployment: ({ tags }) => { made = { deploymentId: 'empty', tags }; return Promise.resolve(made); },
        listDeployments: () => Promise.resolve({ deployments: [{ deploymentId: made?.deploymentId ?? 'new' }] }),
        getDeployment: () => Promise.resolve({ deploymentId: 'new', isLatestForTarget: true, ...made }),
        cancelDeployment: yes, deleteDeployment,
      };
    };

    test('posts an empty revision, waits for the devices, and takes it away', async () => {
      let asked = 0;
      const aws = new FakeAws({ ...target(), listThingsInThingGroup: things('a'), listEffectiveDeployments: () => says(asked++ > 0 ? 'SUCCEEDED' : 'QUEUED', undefined, 'empty')() });
      expect((await aws.run(remove())).polls).toBe(2);
      expect(aws.calls).toContainEqual(['createDeployment', { targetArn: GROUP, deploymentName: 'uninstall', components: {}, clientToken: 'request-1', tags: OWNER }]);
      expect(aws.calls.slice(-2)).toEqual([['cancelDeployment', { deploymentId: 'empty' }], ['deleteDeployment', { deploymentId: 'empty' }]]);
    });

    test('leaves a target alone that another deployment has taken', async () => {
      const aws = new FakeAws({ ...target(), getDeployment: () => Promise.resolve({ deploymentId: 'theirs', isLatestForTarget: true }) });
      await aws.run(remove());
      expect(aws.names()).not.toContain('createDeployment');
    });

    test('a device that fails to, or cannot be reached, does not hold up the stack', async () => {
      const failing = new FakeAws({ ...target(), listThingsInThingGroup: things('a'), listEffectiveDeployments: says('FAILED', undefined, 'empty') });
      expect((await failing.run(remove())).polls).toBe(1);
      const silent = new FakeAws({ ...target(), listThingsInThingGroup: things('a'), listEffectiveDeployments: notFound });
      expect((await silent.run(remove())).polls).toBe(13);
    });

    test('is patient with a deployment that is being cancelled, or that cannot be cancelled any more', async () => {
      let tries = 0;
      const conflict = () => Promise.reject(serviceError('ConflictException'));
      const aws = new FakeAws({ ...target(() => (tries++ === 0 ? conflict() : Promise.resolve({}))), listThingsInThingGroup: things(), cancelDeployment: conflict });
      expect((await aws.run(remove())).polls).toBe(2);
    });

    test('a group that is gone has nothing to uninstall', async () => {
      await expect(new FakeAws({ ...none, createDeployment: notFound }).run(remove())).resolves.toBeDefined();
      await expect(new FakeAws({ ...target(), listThingsInThingGroup: notFound, cancelDeployment: notFound, deleteDeployment: notFound }).run(remove())).resolves.toBeDefined();
    });

    test('other failures are not swallowed', async () => {
      const denied = () => Promise.reject(serviceError('AccessDeniedException', 'no'));
      await expect(new FakeAws({ ...none, createDeployment: denied }).run(remove())).rejects.toThrow('no');
      await expect(new FakeAws({ ...target(), listThingsInThingGroup: denied }).run(remove())).rejects.toThrow('no');
      await expect(new FakeAws({ ...target(), listThingsInThingGroup: things(), cancelDeployment: denied }).run(remove())).rejects.toThrow('no');
    });
  });

  describe('takes away the revisions that rollbacks redeployed', () => {
    const aws = (deleteDeployment: () => Promise<object>, getDeployment = (id?: string): Promise<object> => Promise.resolve({ deploymentId: id, isLatestForTarget: id === 'new', deploymentStatus: 'ACTIVE', tags: id === 'given' ? { 'cdk-sagemaker-edge:rollout': RESOURCE } : {} })) => new FakeAws({
      listDeployments: ({ nextToken }) => Promise.resolve(nextToken === undefined ? { deployments: [{ deploymentId: 'new' }], nextToken: 'more' } : { deployments: [{ deploymentId: 'given' }] }),
      getDeployment: ({ deploymentId }) => getDeployment(deploymentId), cancelDeployment: yes, deleteDeployment, listThingsInThingGroup: things(),
    });
    let RESOURCE: string; // is also whose they are
    beforeAll(async () => { RESOURCE = (await new FakeAws({}).run(create({ WaitSeconds: '0' }))).started.PhysicalResourceId; });

    test('with the next deployment', async () => {
      const updating = aws(yes);
      await updating.run(update({}));
      expect(updating.calls.filter(([name]) => name === 'deleteDeployment')).toEqual([['deleteDeployment', { deploymentId: 'given' }]]);
    });

    test('but not the one that the target has: a rollback made it, and this update comes late', async () => {
      const updating = aws(yes, (id) => Promise.resolve({ deploymentId: id, isLatestForTarget: id === 'given', creationTimestamp: new Date(id === 'new' ? 3 : 1), tags: id === 'given' ? { 'cdk-sagemaker-edge:rollout': RESOURCE } : {} }));
      await updating.run(update({ WaitSeconds: '0' }));
      expect(updating.names()).not.toContain('deleteDeployment');
    });

    test('with the deployment itself, however long that takes', async () => {
      let tries = 0;
      const removing = aws(() => (tries++ < 2 ? Promise.reject(serviceError('ConflictException')) : Promise.resolve({})));
      const { polls } = await removing.run(newEvent(TYPE, 'Delete', properties(), { physicalId: RESOURCE }));
      expect(polls).toBe(3);
    });

    test('which may be gone by then', async () => {
      await expect(aws(yes, notFound).run(newEvent(TYPE, 'Delete', properties(), { physicalId: RESOURCE }))).resolves.toBeDefined();
    });
  });

  test('a type that nobody serves is named', async () => {
    await expect(new FakeAws({}).onEvent(newEvent('Custom::Other', 'Create', {})))
      .rejects.toThrow(/no handler for resource type Custom::Other: it must be one of Custom::SageMakerEdge-ComponentArtifacts/);
  });

  test('a number that is none is named', async () => {
    await expect(Promise.resolve().then(() => new FakeAws({}).onEvent(create({ WaitSeconds: 'soon' })))).rejects.toThrow(/property WaitSeconds must be a whole number of at least 0, got "soon"/);
  });
});
