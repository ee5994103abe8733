import type { ResourceEvent } from '../../../lambda/shared/events';
import { FakeAws, newEvent, notFound, serviceError, yes } from './fixture';

const TYPE = 'Custom::SageMakerEdge-FleetRevision';
const GROUP = 'arn:aws:iot:eu-west-1:111111111111:thinggroup/fleet';
const properties = (Revision: string, TargetArn = GROUP): Record<string, string> => ({ TargetArn, Owner: 'fleet', Revision });
const update = (to: string, from: string, target = GROUP): ResourceEvent =>
  newEvent(TYPE, 'Update', properties(to), { old: properties(from, target), physicalId: 'x' });

interface Deployment {
  readonly deploymentId: string;
  readonly creationTimestamp: Date;
  readonly isLatestForTarget: boolean;
  readonly tags: Record<string, string>;
}

/** In the order in which they were made: the last is the target's. */
const target = (...revisions: string[]): Deployment[] => revisions.map((name, index) => {
  const [revision = '', copy] = name.split('/');
  return {
    deploymentId: name, creationTimestamp: new Date(index), isLatestForTarget: index === revisions.length - 1,
    tags: { 'cdk-sagemaker-edge:revision': revision, ...(copy === undefined ? {} : { 'cdk-sagemaker-edge:rollout': copy }) },
  };
});
const over = (deployments: readonly Deployment[]): FakeAws => new FakeAws({
  listDeployments: () => Promise.resolve({ deployments: deployments.map(({ deploymentId }) => ({ deploymentId })) }),
  getDeployment: ({ deploymentId }) => {
    const found = deployments.find((deployment) => deployment.deploymentId === deploymentId);
    if (found === undefined) {
      return notFound();
    }
    const components = { app: { componentVersion: found.tags['cdk-sagemaker-edge:revision'] ?? '' } };
    return Promise.resolve({ ...found, components });
  },
  createDeployment: () => Promise.resolve({ deploymentId: 'again' }), cancelDeployment: yes, deleteDeployment: yes,
});

describe('the revision of a deployment', () => {
  test.each([
    ['is made', newEvent(TYPE, 'Create', properties('a'))],
    ['goes', newEvent(TYPE, 'Delete', properties('a'), { physicalId: 'x' })],
    ['stays', update('a', 'a')],
    ['goes to another target', update('b', 'a', `${GROUP}2`)],
  ])('that %s is no work', async (_, event) => {
    const aws = new FakeAws({});
    await aws.run(event);
    expect(aws.calls).toEqual([]);
  });

  test('has an id of its target, and keeps the given one when it goes', async () => {
    const made = await new FakeAws({}).run(newEvent(TYPE, 'Create', properties('a')));
    expect(made.started.PhysicalResourceId).toMatch(/^revision-of-rollout-[0-9a-f]{32}$/);
    const gone = await new FakeAws({}).run(newEvent(TYPE, 'Delete', properties('a'), { physicalId: 'x' }));
    expect(gone.started.PhysicalResourceId).toBe('x');
  });

  test('that is yet to be made is waited for by nobody', async () => {
    const aws = over(target('a'));
    await aws.run(update('b', 'a'));
    expect(aws.names()).toEqual(['listDeployments', 'getDeployment']);
  });

  test('is deployed again in a rollback, though nothing after the deployment had begun', async () => {
    const aws = over(target('a', 'b'));
    await aws.run(update('a', 'b'));
    expect(aws.calls).toContainEqual(['createDeployment', expect.objectContaining({
      targetArn: GROUP,
      components: { app: { componentVersion: 'a' } },
      clientToken: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      tags: {
        'cdk-sagemaker-edge:revision': 'a',
        'cdk-sagemaker-edge:copy-of': 'a',
        'cdk-sagemaker-edge:rollout': expect.stringMatching(/^rollout-[0-9a-f]{32}$/) as string,
      },
    })]);
  });

  test.each([
    ['the target still has it', target('a')],
    ['a copy of it is there', target('a', 'b', 'a/rollout-x')],
  ])('is not deployed again where %s', async (_, deployments) => {
    const aws = over(deployments);
    await aws.run(update('a', 'b'));
    expect(aws.names()).not.toContain('createDeployment');
  });

  test('of an update that comes late, after its rollback, is not deployed again', async () => {
    const aws = over(target('a', 'b', 'a/rollout-x'));
    await aws.run(update('b', 'a'));
    expect(aws.names()).not.toContain('createDeployment');
  });

  test('takes away the copy that an earlier rollback redeployed, and no other', async () => {
    const { started } = await new FakeAws({}).run(newEvent(TYPE, 'Create', properties('a')));
    const own = `a/${started.PhysicalResourceId.replace('revision-of-', '')}`;
    const aws = over(target('a', 'a/theirs', own, 'c'));
    await aws.run(update('a', 'c'));
    expect(aws.calls.filter(([name]) => name === 'deleteDeployment')).toEqual([['deleteDeployment', { deploymentId: own }]]);
  });

  test('what fails is not swallowed', async () => {
    const aws = new FakeAws({ listDeployments: () => Promise.reject(serviceError('AccessDeniedException', 'no')) });
    await expect(aws.run(update('a', 'b'))).rejects.toThrow('no');
  });
});
