import { FakeAws, notFound, serviceError } from './fixture';
import { GROUP, noDeployments, OWNER, update } from './rollout-fixture';

describe('the rollback of a rollout', () => {
  const earlier = {
    deploymentId: 'new',
    isLatestForTarget: false,
    deploymentName: 'd',
    components: { app: { componentVersion: '1.0.0' } },
    deploymentPolicies: { failureHandlingPolicy: 'ROLLBACK' as const },
    iotJobConfiguration: {},
    creationTimestamp: new Date(1),
  };
  const later = { deploymentId: 'old', creationTimestamp: new Date(2) };
  /** The deployment that a rollback goes back to, and the one that it leaves: undefined where that is gone. */
  const between = (before: Partial<typeof later>, after: Partial<typeof later> | undefined) => {
    const left = after === undefined ? notFound : () => Promise.resolve({ ...later, ...after });
    return ({ deploymentId }: { deploymentId?: string | undefined }) =>
      deploymentId === 'new' ? Promise.resolve({ ...earlier, ...before }) : left();
  };
  const again = () => Promise.resolve({ deploymentId: 'again' });

  test('deploys the revision before again, and does not wait', async () => {
    const aws = new FakeAws({ ...noDeployments, getDeployment: between({}, {}), createDeployment: again });
    expect((await aws.run(update({}))).polls).toBe(1);
    expect(aws.calls).toContainEqual(['createDeployment', {
      targetArn: GROUP,
      deploymentName: 'd',
      components: earlier.components,
      deploymentPolicies: earlier.deploymentPolicies,
      iotJobConfiguration: {},
      parentTargetArn: undefined,
      clientToken: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      tags: { ...OWNER, 'cdk-sagemaker-edge:copy-of': 'new' },
    }]);
  });

  test('asks with the same token each time, so that it is made once', async () => {
    const tokens = await Promise.all(['a', 'b'].map(async (RequestId) => {
      const aws = new FakeAws({ ...noDeployments, getDeployment: between({}, {}), createDeployment: again });
      await aws.onEvent({ ...update({}), RequestId });
      return aws.calls.filter(([name]) => name === 'createDeployment').map(([, input]) => input);
    }));
    expect(tokens[0]).toEqual(tokens[1]);
  });

  test('asks for no second copy, though the failed deployment is gone by then', async () => {
    const first = new FakeAws({ ...noDeployments, getDeployment: between({}, {}), createDeployment: again });
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

  test('of a deployment that is gone already deploys the one before all the same', async () => {
    const aws = new FakeAws({ ...noDeployments, getDeployment: between({}, undefined), createDeployment: again });
    await aws.run(update({}));
    expect(aws.names()).toContain('createDeployment');
  });

  test('is no update that comes late, after its rollback: nothing is deployed', async () => {
    const aws = new FakeAws({ ...noDeployments, getDeployment: between({ creationTimestamp: new Date(3) }, {}) });
    await aws.run(update({ WaitSeconds: '0' }));
    expect(aws.names()).not.toContain('createDeployment');
  });

  test('to a deployment that is gone deploys nothing', async () => {
    const aws = new FakeAws({ ...noDeployments, getDeployment: notFound });
    await aws.run(update({}));
    expect(aws.names()).not.toContain('createDeployment');
  });

  test('what fails is not swallowed', async () => {
    const aws = new FakeAws({ getDeployment: () => Promise.reject(serviceError('AccessDeniedException', 'no')) });
    await expect(aws.run(update({}))).rejects.toThrow('no');
  });
});
