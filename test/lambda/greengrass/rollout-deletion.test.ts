import { FakeAws, newEvent, notFound, serviceError, yes } from './fixture';
import { create, GROUP, noDeployments, OWNER, properties, remove, says, things, TYPE, update } from './rollout-fixture';

describe('the deletion of a rollout', () => {
  test('leaves the components by default', async () => {
    const aws = new FakeAws(noDeployments);
    expect((await aws.run(remove({ UninstallSeconds: '0' }))).started.PhysicalResourceId).toBe('x');
    expect(aws.names()).toEqual(['listDeployments']);
  });

  test('uninstalls from all that are in the group', async () => {
    const aws = new FakeAws({
      ...noDeployments,
      createDeployment: () => Promise.resolve({ deploymentId: 'empty' }),
      listThingsInThingGroup: things('a', 'b'),
      listEffectiveDeployments: says('SUCCEEDED', undefined, 'empty'),
      cancelDeployment: yes,
      deleteDeployment: yes,
    });
    await aws.run(newEvent(TYPE, 'Delete', { ...properties({ UninstallSeconds: '60' }), ThingNames: ['a'] }, { physicalId: 'x' }));
    expect(aws.names().filter((name) => name === 'listEffectiveDeployments')).toHaveLength(2);
  });

  /** A target whose deployment is the stack's, and then the empty one. */
  const target = (deleteDeployment = yes): ConstructorParameters<typeof FakeAws>[0] => {
    let made: { deploymentId: string; tags: Record<string, string> | undefined } | undefined;
    return {
      createDeployment: ({ tags }) => {
        made = { deploymentId: 'empty', tags };
        return Promise.resolve(made);
      },
      listDeployments: () => Promise.resolve({ deployments: [{ deploymentId: made?.deploymentId ?? 'new' }] }),
      getDeployment: () => Promise.resolve({ deploymentId: 'new', isLatestForTarget: true, ...made }),
      cancelDeployment: yes,
      deleteDeployment,
    };
  };

  test('posts an empty revision, waits for the devices, and takes it away', async () => {
    let asked = 0;
    const aws = new FakeAws({
      ...target(),
      listThingsInThingGroup: things('a'),
      listEffectiveDeployments: () => says(asked++ > 0 ? 'SUCCEEDED' : 'QUEUED', undefined, 'empty')(),
    });
    expect((await aws.run(remove())).polls).toBe(2);
    expect(aws.calls).toContainEqual([
      'createDeployment',
      { targetArn: GROUP, deploymentName: 'uninstall', components: {}, clientToken: 'request-1', tags: OWNER },
    ]);
    expect(aws.calls.slice(-2)).toEqual([
      ['cancelDeployment', { deploymentId: 'empty' }],
      ['deleteDeployment', { deploymentId: 'empty' }],
    ]);
  });

  test('leaves a target alone that another deployment has taken', async () => {
    const aws = new FakeAws({ ...target(), getDeployment: () => Promise.resolve({ deploymentId: 'theirs', isLatestForTarget: true }) });
    await aws.run(remove());
    expect(aws.names()).not.toContain('createDeployment');
  });

  test('a device that fails to, or cannot be reached, does not hold up the stack', async () => {
    const failing = new FakeAws({
      ...target(),
      listThingsInThingGroup: things('a'),
      listEffectiveDeployments: says('FAILED', undefined, 'empty'),
    });
    expect((await failing.run(remove())).polls).toBe(1);
    const silent = new FakeAws({ ...target(), listThingsInThingGroup: things('a'), listEffectiveDeployments: notFound });
    expect((await silent.run(remove())).polls).toBe(13);
  });

  test('is patient with a deployment that is being cancelled, or that cannot be cancelled any more', async () => {
    let tries = 0;
    const conflict = () => Promise.reject(serviceError('ConflictException'));
    const aws = new FakeAws({
      ...target(() => (tries++ === 0 ? conflict() : Promise.resolve({}))),
      listThingsInThingGroup: things(),
      cancelDeployment: conflict,
    });
    expect((await aws.run(remove())).polls).toBe(2);
  });

  test('a group that is gone has nothing to uninstall', async () => {
    await expect(new FakeAws({ ...noDeployments, createDeployment: notFound }).run(remove())).resolves.toBeDefined();
    const gone = new FakeAws({ ...target(), listThingsInThingGroup: notFound, cancelDeployment: notFound, deleteDeployment: notFound });
    await expect(gone.run(remove())).resolves.toBeDefined();
  });

  test('other failures are not swallowed', async () => {
    const denied = () => Promise.reject(serviceError('AccessDeniedException', 'no'));
    await expect(new FakeAws({ ...noDeployments, createDeployment: denied }).run(remove())).rejects.toThrow('no');
    await expect(new FakeAws({ ...target(), listThingsInThingGroup: denied }).run(remove())).rejects.toThrow('no');
    const aws = new FakeAws({ ...target(), listThingsInThingGroup: things(), cancelDeployment: denied });
    await expect(aws.run(remove())).rejects.toThrow('no');
  });
});

describe('a rollout takes away the revisions that rollbacks redeployed', () => {
  let owner: string; // the physical id is also whose they are
  beforeAll(async () => {
    owner = (await new FakeAws({}).run(create({ WaitSeconds: '0' }))).started.PhysicalResourceId;
  });

  const tagsOf = (id: string | undefined) => (id === 'copy' ? { 'cdk-sagemaker-edge:rollout': owner } : {});
  const firstPage = { deployments: [{ deploymentId: 'new' }], nextToken: 'more' };
  const lastPage = { deployments: [{ deploymentId: 'copy' }] };
  const isNewest = (id?: string): Promise<object> =>
    Promise.resolve({ deploymentId: id, isLatestForTarget: id === 'new', deploymentStatus: 'ACTIVE', tags: tagsOf(id) });
  const target = (deleteDeployment: () => Promise<object>, getDeployment = isNewest): FakeAws => new FakeAws({
    listDeployments: ({ nextToken }) => Promise.resolve(nextToken === undefined ? firstPage : lastPage),
    getDeployment: ({ deploymentId }) => getDeployment(deploymentId),
    cancelDeployment: yes,
    deleteDeployment,
    listThingsInThingGroup: things(),
  });

  test('with the next deployment', async () => {
    const updating = target(yes);
    await updating.run(update({}));
    expect(updating.calls.filter(([name]) => name === 'deleteDeployment')).toEqual([['deleteDeployment', { deploymentId: 'copy' }]]);
  });

  test('but not the one that the target has: a rollback made it, and this update comes late', async () => {
    const updating = target(yes, (id) => Promise.resolve({
      deploymentId: id,
      isLatestForTarget: id === 'copy',
      creationTimestamp: new Date(id === 'new' ? 3 : 1),
      tags: tagsOf(id),
    }));
    await updating.run(update({ WaitSeconds: '0' }));
    expect(updating.names()).not.toContain('deleteDeployment');
  });

  test('with the deployment itself, however long that takes', async () => {
    let tries = 0;
    const removing = target(() => (tries++ < 2 ? Promise.reject(serviceError('ConflictException')) : Promise.resolve({})));
    const { polls } = await removing.run(remove({ UninstallSeconds: '0' }, owner));
    expect(polls).toBe(3);
  });

  test('which may be gone by then', async () => {
    await expect(target(yes, notFound).run(remove({ UninstallSeconds: '0' }, owner))).resolves.toBeDefined();
  });
});
