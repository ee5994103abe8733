import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  CancelDeploymentCommand, CreateComponentVersionCommand, CreateDeploymentCommand, DeleteCoreDeviceCommand,
  DeleteDeploymentCommand, DescribeComponentCommand, GetCoreDeviceCommand,
  GetDeploymentCommand, ListCoreDevicesCommand, ListDeploymentsCommand, ListEffectiveDeploymentsCommand,
  ListInstalledComponentsCommand, type CreateDeploymentCommandInput,
} from '@aws-sdk/client-greengrassv2';
import { startCoreDevice, type CoreDevice } from '../../../local/nucleus/core-device';
import { TOKEN_EXCHANGE } from '../../../local/nucleus/token-exchange';
import { recipeOf, type TestComponent } from '../nucleus/nucleus-fixture';
import { CONTROL_TOKEN, GROUP_ARN, StandInFixture } from './stand-in-fixture';

describe('deployments of the Greengrass stand-in', () => {
  let fixture: StandInFixture;
  beforeEach(async () => {
    fixture = await StandInFixture.start();
  });
  afterEach(async () => {
    await fixture.close();
  });

  const component = async (version: string, given: TestComponent = {}): Promise<void> => {
    const { arn } = await fixture.root.send(new CreateComponentVersionCommand({
      inlineRecipe: Buffer.from(JSON.stringify(recipeOf('app', version, given))),
    }));
    while ((await fixture.root.send(new DescribeComponentCommand({ arn }))).status?.componentState === 'REQUESTED') {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
  };
  const deploy = async (input: Partial<CreateDeploymentCommandInput> = {}, client = fixture.root): Promise<string> =>
    (await client.send(new CreateDeploymentCommand({ targetArn: GROUP_ARN, ...input }))).deploymentId ?? '';
  const get = async (deploymentId: string) => fixture.root.send(new GetDeploymentCommand({ deploymentId }));

  test('a deployment comes back as it was given', async () => {
    await component('1.0.0');
    const iotJobConfiguration = {
      jobExecutionsRolloutConfig: {
        exponentialRate: { baseRatePerMinute: 5, incrementFactor: 1.5, rateIncreaseCriteria: { numberOfNotifiedThings: 10 } },
      },
    };
    const id = await deploy({
      deploymentName: 'x',
      components: { app: { componentVersion: '1.0.0', configurationUpdate: { reset: [''], merge: '{"a":"b"}' } } },
      iotJobConfiguration,
      deploymentPolicies: { failureHandlingPolicy: 'ROLLBACK' },
    });
    expect(await get(id)).toMatchObject({
      deploymentId: id,
      targetArn: GROUP_ARN,
      deploymentName: 'x',
      deploymentStatus: 'ACTIVE',
      isLatestForTarget: true,
      iotJobConfiguration,
      iotJobId: expect.any(String) as string,
      components: { app: { componentVersion: '1.0.0', configurationUpdate: { reset: [''], merge: '{"a":"b"}' } } },
    });
  });

  test('a target has one deployment: a new one supersedes the one before', async () => {
    const [first, second] = [await deploy(), await deploy()];
    expect([await get(first), await get(second)]).toMatchObject([
      { deploymentStatus: 'INACTIVE', isLatestForTarget: false },
      { deploymentStatus: 'ACTIVE', isLatestForTarget: true },
    ]);
    expect((await fixture.root.send(new ListDeploymentsCommand({}))).deployments).toMatchObject([{ deploymentId: second }]);
    expect((await fixture.root.send(new ListDeploymentsCommand({
      historyFilter: 'ALL',
      targetArn: GROUP_ARN,
    }))).deployments).toHaveLength(2);
  });

  test('the same token gives the same deployment', async () => {
    expect(await deploy({ clientToken: 't' })).toBe(await deploy({ clientToken: 't' }));
  });

  test('the log says which ids a deployment and its job were given', async () => {
    const { deploymentId, iotJobId, iotJobArn } = await fixture.root.send(new CreateDeploymentCommand({ targetArn: GROUP_ARN }));
    expect(fixture.entries).toMatchObject([{ operation: 'CreateDeployment', output: { deploymentId, iotJobId, iotJobArn } }]);
  });

  test('an active deployment is cancelled before it is deleted', async () => {
    const deploymentId = await deploy();
    await expect(fixture.root.send(new DeleteDeploymentCommand({ deploymentId }))).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(fixture.root.send(new CancelDeploymentCommand({ deploymentId }))).resolves.toMatchObject({ message: 'SUCCESS' });
    await fixture.root.send(new DeleteDeploymentCommand({ deploymentId }));
    await expect(get(deploymentId)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('a component that does not exist, or is not deployable, is refused', async () => {
    await expect(deploy({ components: { app: { componentVersion: '9.9.9' } } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('does not exist') as string,
    });
    await component('2.0.0', { artifacts: [{ Uri: 's3://bucket/none' }] });
    await expect(deploy({ components: { app: { componentVersion: '2.0.0' } } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('FAILED') as string,
    });
  });

  test.each<[string, Partial<CreateDeploymentCommandInput>]>([
    [
      'two increase criteria',
      {
        iotJobConfiguration: {
          jobExecutionsRolloutConfig: {
            exponentialRate: {
              baseRatePerMinute: 1,
              incrementFactor: 2,
              rateIncreaseCriteria: { numberOfNotifiedThings: 1, numberOfSucceededThings: 1 },
            },
          },
        },
      },
    ],
    ['a rate of 0', { iotJobConfiguration: { jobExecutionsRolloutConfig: { maximumPerMinute: 0 } } }],
    [
      'an abort criterion without devices',
      {
        iotJobConfiguration: {
          abortConfig: { criteriaList: [{ failureType: 'ALL', action: 'CANCEL', thresholdPercentage: 5, minNumberOfExecutedThings: 0 }] },
        },
      },
    ],
    [
      'a merge that is no JSON',
      { components: { 'aws.greengrass.Nucleus': { componentVersion: '2.18.2', configurationUpdate: { merge: 'a: b' } } } },
    ],
    ['a target that is neither thing nor group', { targetArn: 'arn:aws:iot:us-east-1:000000000000:policy/x' }],
  ])('%s is refused', async (_, input) => {
    await expect(deploy(input)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('a group that is not there is not found', async () => {
    await expect(deploy({ targetArn: GROUP_ARN.replace('fleet', 'none') })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('the service needs its caller\'s rights on jobs', async () => {
    fixture.allowed = (action) => action !== 'iot:CreateJob';
    await expect(deploy({}, fixture.handler)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('iot:CreateJob') as string,
    });
  });

  describe('with a device', () => {
    let folder: string;
    let device: CoreDevice;
    beforeEach(async () => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'core-'));
      device = await startCoreDevice({
        controlToken: CONTROL_TOKEN,
        url: fixture.standIn.url,
        thingName: 'camera-1',
        region: 'us-east-1',
        root: path.join(folder, 'root'),
        copies: path.join(folder, 'copies'),
        pollMs: 20,
        s3: {},
        roleAlias: 'alias',
        environment: { PATH: process.env.PATH ?? '', OUT: folder },
        credentials: () => Promise.resolve({
          accessKeyId: 'AKIADEVICE',
          secretAccessKey: 'x',
          sessionToken: 'y',
          expiration: new Date(Date.now() + 3_600_000),
        }),
      });
    });
    afterEach(async () => {
      await device.close();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    const outcome = async (deploymentId: string) => {
      for (let tries = 0; tries < 500; tries++) {
        const { effectiveDeployments = [] } = await fixture.root.send(
          new ListEffectiveDeploymentsCommand({ coreDeviceThingName: 'camera-1' }),
        ).catch(() => ({ effectiveDeployments: [] }));
        const found = effectiveDeployments.find((candidate) => candidate.deploymentId === deploymentId);
        if (found && !['QUEUED', 'IN_PROGRESS'].includes(found.coreDeviceExecutionStatus ?? '')) {
          return found;
        }
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
      throw new Error('the device said nothing');
    };

    test('it carries a deployment out, with the credentials of its role at hand, and says so', async () => {
      await component('1.0.0', { dependencies: { [TOKEN_EXCHANGE]: { VersionRequirement: '=2.0.3' } }, lifecycle: { startup: `"${process.execPath}" -e 'fetch(process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI, { headers: { authorization: process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN } }).then((answer) => answer.text()).then(console.log)' > "$OUT/credentials"` } });
      const id = await deploy({ components: { app: { componentVersion: '1.0.0' } } });
      expect(await outcome(id)).toMatchObject({ coreDeviceExecutionStatus: 'SUCCEEDED' });
      expect(fs.readFileSync(path.join(folder, 'credentials'), 'utf8')).toContain('AKIADEVICE');
      expect(await fixture.root.send(new GetCoreDeviceCommand({ coreDeviceThingName: 'camera-1' }))).toMatchObject({
        status: 'HEALTHY',
        coreVersion: '2.18.2',
      });
      expect(
        (await fixture.root.send(new ListInstalledComponentsCommand({ coreDeviceThingName: 'camera-1' }))).installedComponents,
      ).toMatchObject([
        { componentName: 'app', componentVersion: '1.0.0', lifecycleState: 'RUNNING' },
        { componentName: TOKEN_EXCHANGE, componentVersion: '2.0.3', lifecycleState: 'RUNNING' },
      ]);
      expect(fs.existsSync(path.join(folder, 'copies', 'recipes', 'app-1.0.0.json'))).toBe(true);
    });

    test('a version that does not start goes back, and the reason names the component and no word of the script', async () => {
      await component('1.0.0', { lifecycle: { startup: 'true' } });
      await outcome(await deploy({ components: { app: { componentVersion: '1.0.0' } } }));
      await component('2.0.0', { lifecycle: { startup: 'echo no model >&2; exit 3' } });
      expect(await outcome(await deploy({ components: { app: { componentVersion: '2.0.0' } } }))).toMatchObject({
        coreDeviceExecutionStatus: 'FAILED',
        reason: 'FAILED_ROLLBACK_COMPLETE: Service app in broken state after deployment',
        statusDetails: {
          errorStack: ['DEPLOYMENT_FAILURE', 'COMPONENT_UPDATE_ERROR', 'COMPONENT_BROKEN'],
          errorTypes: ['USER_COMPONENT_ERROR'],
        },
      });
      expect(device.states()).toEqual({ app: { version: '1.0.0', state: 'RUNNING' } });
    });

    test('a version that stays broken is listed with its step and exit code', async () => {
      await component('1.0.0', { lifecycle: { startup: 'exit 42' } });
      await outcome(await deploy({
        components: { app: { componentVersion: '1.0.0' } },
        deploymentPolicies: { failureHandlingPolicy: 'DO_NOTHING' },
      }));
      expect(
        (await fixture.root.send(new ListInstalledComponentsCommand({ coreDeviceThingName: 'camera-1' }))).installedComponents,
      ).toMatchObject([{
        lifecycleState: 'BROKEN',
        lifecycleStatusCodes: ['STARTUP_ERROR'],
        lifecycleStateDetails: 'An error occurred during startup. The startup script exited with code 42.',
      }]);
    });

    test('an empty revision removes its components', async () => {
      await component('1.0.0', { lifecycle: { startup: 'true', shutdown: 'touch "$OUT/stopped"' } });
      await outcome(await deploy({ components: { app: { componentVersion: '1.0.0' } } }));
      await outcome(await deploy());
      expect([device.states(), fs.existsSync(path.join(folder, 'stopped'))]).toEqual([{}, true]);
    });

    test('a component that breaks after the deployment has succeeded makes it unhealthy, until the component goes', async () => {
      const becomes = async (status: string): Promise<void> => {
        while ((await fixture.root.send(new GetCoreDeviceCommand({ coreDeviceThingName: 'camera-1' }))).status !== status) {
          await new Promise((resolve) => {
            setTimeout(resolve, 20);
          });
        }
      };
      await component('1.0.0', { lifecycle: { run: 'sleep 1.5; exit 1' } });
      expect(await outcome(await deploy({ components: { app: { componentVersion: '1.0.0' } } }))).toMatchObject({
        coreDeviceExecutionStatus: 'SUCCEEDED',
      });
      await becomes('UNHEALTHY');
      await outcome(await deploy());
      await becomes('HEALTHY');
    }, 60_000);

    test('what is known of a core device can be deleted', async () => {
      while (((await fixture.root.send(new ListCoreDevicesCommand({}))).coreDevices ?? []).length === 0) {
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
      await fixture.root.send(new DeleteCoreDeviceCommand({ coreDeviceThingName: 'camera-1' }));
      await expect(
        fixture.root.send(new GetCoreDeviceCommand({ coreDeviceThingName: 'camera-1' })),
      ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    });
  });
});
