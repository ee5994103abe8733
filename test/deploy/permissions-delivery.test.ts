import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateComponentVersionCommand, DeleteComponentCommand, ListDeploymentsCommand } from '@aws-sdk/client-greengrassv2';
import {
  CreateBucketCommand, HeadObjectCommand, ListBucketsCommand, PutBucketVersioningCommand, PutObjectCommand,
} from '@aws-sdk/client-s3';
import { needlessWidth, type Listed } from '../rights/width';
import type { Evidence } from './evidence';
import { TestCloud } from './harness';
import { LOG_RIGHTS, readEvidence, silent, takeAway, update, type Copy, type Outcome, type Subject } from './permissions';
import { strangeRequests } from './strange-requests';

const APP = 'test/deploy/fixtures/permissions-delivery-app.ts';
const THINGS = ['camera', 'lens'];

const SUBJECTS: readonly Subject[] = [
  {
    stack: 'permissions-00-components',
    scenarios: {
      'greengrass:DeleteComponent': { before: leaveVersion },
      'greengrass:TagResource': { before: leaveVersion },
      's3:DeleteObject': { between: deleteVersion },
    },
  },
  {
    stack: 'permissions-00-rollout',
    scenarios: { 'greengrass:TagResource': { between: rollBack } },
    exempt: { 'iot:UpdateJob': 'AWS lists it among the rights that CreateDeployment and CancelDeployment need; when is not said, so that the stand-in never asks for it' },
  },
  {
    stack: 'permissions-00-device',
    exempt: { 's3:ListBucket': 'without it S3 says 403 of a report that is not there yet, and the emulator 404' },
  },
];

/** `alone` is deployed once, not copied: a thing whose name does not begin with its group's. */
const STACKS = [...SUBJECTS.map(({ stack }) => stack), 'permissions-00-alone'];

const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|new/; // `new`: of a call that was refused
const LISTED: readonly Listed[] = [
  LOG_RIGHTS,
  {
    actions: ['greengrass:DescribeComponent', 'greengrass:DeleteComponent', 'greengrass:TagResource'],
    pattern: /arn:aws:greengrass:us-east-1:000000000000:components:permissions\.\d\d\.components\.Component:versions:\*/,
    stands: /\d+\.\d+\.\d+/,
    reason: 'after an update the handler marks the version before, which the template does not know any more',
  },
  {
    actions: ['s3:DeleteObject'],
    pattern: /arn:aws:s3:::permissions-\d\d-components-artifacts\w+-\w+\/permissions\.\d\d\.components\.Component\/\*/,
    stands: /\d+\.\d+\.\d+\/[\w.-]+/,
    reason: 'after an update the artifacts of the version before may go, which the template does not know any more',
  },
  {
    actions: ['greengrass:ListEffectiveDeployments', 'greengrass:GetCoreDevice'],
    pattern: /arn:aws:greengrass:us-east-1:000000000000:coreDevices:\*/, stands: /permissions-\d\d-(camera|lens)/,
    reason: 'asks the devices that are in the thing group by then, whatever their names',
  },
  {
    actions: ['greengrass:GetDeployment', 'greengrass:CancelDeployment', 'greengrass:DeleteDeployment', 'greengrass:TagResource'],
    pattern: /arn:aws:greengrass:us-east-1:000000000000:deployments:\*/, stands: ID, reason: 'Greengrass chooses the ids of deployments',
  },
  {
    actions: ['iot:CreateJob', 'iot:DescribeJob', 'iot:CancelJob', 'iot:DeleteJob'],
    pattern: /arn:aws:iot:us-east-1:000000000000:job\/\*/, stands: ID, reason: 'Greengrass chooses the ids of the jobs of deployments',
  },
  { actions: ['iot:UpdateJob'], pattern: /arn:aws:iot:us-east-1:000000000000:job\/\*/, reason: 'see the exemption above' },
];

/**
 * Carries out what Greengrass and the manifests of simulated devices ask for, at once: each deployment but those that
 * are named to fail.
 */
class Devices {
  private readonly ending = new AbortController();
  private readonly reported = new Set<string>();
  private readonly running: Promise<void>;

  public constructor(private readonly cloud: TestCloud) {
    this.running = this.run();
  }

  public async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await this.reportManifests();
      await this.reportDeployments();
      await pause(200, undefined, { signal }).catch(() => undefined);
    }
  }

  private async reportDeployments(): Promise<void> {
    const { deployments = [] } = await this.cloud.cloud.clients.greengrass.send(new ListDeploymentsCommand({}));
    for (const { deploymentId = '', deploymentName, targetArn = '' } of deployments) {
      if (this.reported.has(deploymentId)) {
        continue;
      }
      this.reported.add(deploymentId);
      for (const coreDeviceThingName of THINGS.map((thing) => `${targetArn.split('/')[1] ?? ''}-${thing}`)) {
        await this.tell('core-devices', {
          coreDeviceThingName,
          coreVersion: '2.18.2',
          platform: 'linux',
          architecture: 'amd64',
          status: 'HEALTHY',
          components: [],
        });
        await this.tell(`devices/${coreDeviceThingName}/deployments`, {
          deploymentId,
          status: deploymentName === 'to-fail' ? 'FAILED' : 'SUCCEEDED',
        });
      }
    }
  }

  private async tell(what: string, report: object): Promise<void> {
    await fetch(`${this.cloud.cloud.endpoints.greengrass}/_stand-in/${what}`, {
      method: 'POST', headers: this.cloud.control, body: JSON.stringify(report),
    });
  }

  private async reportManifests(): Promise<void> {
    const { s3 } = this.cloud.cloud.clients;
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    for (const { Name: Bucket = '' } of Buckets.filter(({ Name }) => Name !== undefined && /permissions-\d\d-device/.test(Name))) {
      for (const thing of THINGS) {
        if (this.reported.has(`${Bucket}/${thing}`) || !await exists(this.cloud, Bucket, `manifests/${thing}/manifest.json`)) {
          continue;
        }
        this.reported.add(`${Bucket}/${thing}`);
        const manifestHash = createHash('sha256').update(JSON.stringify({ instanceId: 'i-0', thingName: thing })).digest('hex');
        const report = { instanceId: 'i-0', manifestHash, status: 'READY', message: 'served', models: [] };
        await s3.send(new PutObjectCommand({ Bucket, Key: `reports/${thing}/report.json`, Body: JSON.stringify(report) }));
      }
    }
  }
}

describe('with one right less, a deployment or its deletion fails by the name of the action', () => {
  let cloud: TestCloud;
  let devices: Devices | undefined;
  let evidence: Evidence;
  let outcomes: Outcome[];

  beforeAll(async () => {
    cloud = await TestCloud.start('permissions-delivery');
    devices = new Devices(cloud);
    const app = { app: APP, context: { source: await putSource(cloud) } };
    await cloud.deploy(app); // proves that all rights together suffice, and uploads what the copies need
    // Most of their time is the five seconds between two polls: more at a time than where jobs compute.
    evidence = await readEvidence(cloud, STACKS);
    [outcomes] = await Promise.all([takeAway(cloud, SUBJECTS, evidence, 5), cloud.destroy(app)]);
  });
  afterAll(async () => {
    await devices?.stop();
    await cloud.stop();
  });

  test('for every right that a handler holds', () => {
    expect(silent(outcomes)).toEqual([]);
  });

  test('and no right is wider than what was asked for, but for those that are listed with their reason', () => {
    expect(evidence.unknownCalls()).toEqual([]);
    expect(needlessWidth(evidence.rights(), LISTED)).toEqual([]);
  });

  test('and all that was sent is in the services\' published models', () => {
    expect(cloud.requests().some(({ service }) => service === 'GreengrassV2')).toBe(true);
    expect(strangeRequests(cloud)).toEqual([]);
  });

  test('and the rights are those of both handlers', () => {
    expect(new Set(outcomes.map(({ rule }) => rule.action.split(':')[0]))).toEqual(new Set(['greengrass', 'iot', 's3']));
  });
});

async function exists({ cloud: { clients: { s3 } } }: TestCloud, Bucket: string, Key: string): Promise<boolean> {
  return s3.send(new HeadObjectCommand({ Bucket, Key })).then(() => true, () => false);
}

/** An artifact that is in a bucket already. @returns its version */
async function putSource({ cloud: { clients: { s3 } } }: TestCloud): Promise<string> {
  const Bucket = 'permissions-source';
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket, Key: 'a tool/run.sh', Body: 'true' }));
  return VersionId;
}

function artifactsOf({ template }: Copy): Record<string, string> | undefined {
  const { Resources } = JSON.parse(template) as { Resources: Record<string, { Type: string; Properties: Record<string, string> }> };
  return Object.values(Resources).find(({ Type }) => Type === 'Custom::SageMakerEdge-ComponentArtifacts')?.Properties;
}

/** A version that is gone: its artifacts go with the stack. */
async function deleteVersion({ cloud }: TestCloud, copy: Copy): Promise<void> {
  const { ComponentName = '', ComponentVersion = '' } = artifactsOf(copy) ?? {};
  await cloud.clients.greengrass.send(new DeleteComponentCommand({
    arn: `arn:aws:greengrass:us-east-1:000000000000:components:${ComponentName}:versions:${ComponentVersion}`,
  }));
}

/** A version that an earlier stack retained. */
async function leaveVersion({ cloud }: TestCloud, copy: Copy): Promise<void> {
  const artifacts = artifactsOf(copy);
  const recipe = {
    RecipeFormatVersion: '2020-01-25', ComponentName: artifacts?.ComponentName, ComponentVersion: artifacts?.ComponentVersion,
    Manifests: [{ Platform: { os: 'linux' }, Lifecycle: { run: { Script: 'true' } } }],
  };
  await cloud.clients.greengrass.send(new CreateComponentVersionCommand({
    inlineRecipe: Buffer.from(JSON.stringify(recipe)),
    tags: { 'cdk-sagemaker-edge:retained': 'true' },
  }));
}

/** An update that fails on the device: the handler then deploys the revision before again, and tags it. */
async function rollBack(cloud: TestCloud, copy: Copy): Promise<void> {
  await update(cloud, { ...copy, template: copy.template.replace('"DeploymentName":"first"', '"DeploymentName":"to-fail"') });
}
