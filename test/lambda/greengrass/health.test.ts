import type { CoreDeviceStatus } from '@aws-sdk/client-greengrassv2';
import { FakeAws, newEvent, notFound, serviceError } from './fixture';

const START = 1_000_000; // of the fake's clock
const create = newEvent('Custom::SageMakerEdge-FleetRollout', 'Create', {
  DeploymentId: 'new',
  TargetArn: 'arn:aws:iot:eu-west-1:111111111111:thinggroup/fleet',
  ThingGroupName: 'fleet',
  Owner: 'c8',
  WaitSeconds: '600',
  UninstallSeconds: '0',
});

interface Said { readonly status?: CoreDeviceStatus; readonly lastStatusUpdateTimestamp?: Date }

/** A group whose devices succeeded at the start. What `said` answers is asked anew at each poll. */
function aws(said: (aws: FakeAws, name: string) => Said | Promise<Said>, names = ['camera']): FakeAws {
  const made: FakeAws = new FakeAws({
    listThingsInThingGroup: () => Promise.resolve({ things: names }),
    listEffectiveDeployments: () => Promise.resolve({
      effectiveDeployments: [{
        deploymentId: 'new',
        deploymentName: 'd',
        targetArn: 'x',
        coreDeviceExecutionStatus: 'SUCCEEDED',
        creationTimestamp: new Date(START),
        modifiedTimestamp: new Date(START),
      }],
    }),
    getCoreDevice: async ({ coreDeviceThingName = '' }) => ({
      status: undefined,
      lastStatusUpdateTimestamp: undefined,
      ...await said(made, coreDeviceThingName),
    }),
  });
  return made;
}
const at = (seconds: number, status: CoreDeviceStatus): Said => ({ status, lastStatusUpdateTimestamp: new Date(START + seconds * 1000) });
const elapsed = ({ time }: FakeAws): number => (time - START) / 1000;

describe('the health of devices that have carried a deployment out', () => {
  test('is waited for: a component may end right after the deployment has succeeded', async () => {
    const { polls } = await aws(() => at(0, 'HEALTHY')).run(create);
    expect(polls).toBe(3); // at 0, 5 and 10 seconds
  });

  test('fails the stack with the device, its status and where to look, when a component is broken soon after', async () => {
    const breaking = aws((now, name) => (name === 'b' && elapsed(now) >= 5 ? at(5, 'UNHEALTHY') : at(0, 'HEALTHY')), ['a', 'b']);
    await expect(breaking.run(create)).rejects.toThrow(
      'deployment new succeeded, but 1 of 2 core devices of fleet are not HEALTHY: '
      + 'b: UNHEALTHY, reported at 1970-01-01T00:16:45.000Z '
      + '(\'aws greengrassv2 list-installed-components --core-device-thing-name <name>\' says which component is BROKEN, '
      + 'its log in /greengrass/v2/logs why)',
    );
    expect(elapsed(breaking)).toBe(30); // not the whole limit: a broken component stays broken
  });

  test('is waited for while the device says what was before the deployment', async () => {
    const late = aws((now) => (elapsed(now) < 100 ? at(-1, 'UNHEALTHY') : at(100, 'HEALTHY')));
    await late.run(create);
    expect(elapsed(late)).toBe(100);
  });

  test('may be bad for a moment', async () => {
    await expect(aws((now) => (elapsed(now) < 25 ? at(1, 'UNHEALTHY') : at(25, 'HEALTHY'))).run(create)).resolves.toBeDefined();
  });

  test('that nobody has heard of yet is waited for', async () => {
    await expect(aws((now) => (elapsed(now) < 60 ? notFound() : at(60, 'HEALTHY'))).run(create)).resolves.toBeDefined();
  });

  test('counts as it was last seen when the time is up', async () => {
    await expect(aws(() => at(-1, 'UNHEALTHY')).run(create, { polls: 500 })).rejects.toThrow(/camera: UNHEALTHY, reported at/);
    await expect(aws(() => notFound()).run(create, { polls: 500 })).rejects.toThrow(/camera: no status yet \(/);
  });

  test('what fails is not swallowed', async () => {
    const denied = aws(() => Promise.reject(serviceError('AccessDeniedException', 'no greengrass:GetCoreDevice')));
    await expect(denied.run(create)).rejects.toThrow('no greengrass:GetCoreDevice');
  });
});
