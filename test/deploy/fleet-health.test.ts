import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  CloudWatchClient, DescribeAlarmsCommand, DisableAlarmActionsCommand, GetDashboardCommand, GetMetricStatisticsCommand,
  PutMetricDataCommand, type Dimension,
} from '@aws-sdk/client-cloudwatch';
import {
  DeleteCertificateCommand, DeletePolicyCommand, DetachPolicyCommand, DetachThingPrincipalCommand, UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { AgentProcess, waitFor } from '../agent/support/agent-process';
import { identityModel, writePackage } from '../agent/support/models';
import { floats } from '../agent/support/tensors';
import type { Credentials } from '../../local/service/contracts';
import { askCredentials, makeIdentity, type DeviceIdentity } from './device-credentials';
import { AlarmMessages } from './alarm-messages';
import { Browser } from './browser';
import { needlessWidth, type Listed } from '../rights/width';
import type { Evidence } from './evidence';
import { TestCloud } from './harness';
import { readEvidence } from './permissions';

const APP = { app: 'test/deploy/fixtures/health-app.ts' };
const THING = 'camera-1';
const PATIENCE_MS = 120_000;
const LISTED: readonly Listed[] = [
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    pattern: /arn:aws:logs:us-east-1:000000000000:log-group:\/aws\/cloudformation\/HealthFixture\/Health(Aggregator|Census|Widget)\w+:\*/,
    reason: 'the Lambda service writes a function\'s log with the function\'s role, which calls neither',
  },
  {
    actions: ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    pattern: /arn:aws:sqs:us-east-1:000000000000:HealthFixture-HealthIntakeQueue[\w-]+/,
    reason: 'the Lambda service takes the reports from the queue with the function\'s role, which calls none of them',
  },
];
let cloud: TestCloud;
let evidence: Evidence;
let outputs: Record<string, string>;
let identity: DeviceIdentity;
let cloudwatch: CloudWatchClient;

beforeAll(async () => {
  cloud = await TestCloud.start('fleet-health');
  await cloud.deploy(APP);
  evidence = await readEvidence(cloud, ['HealthFixture']);
  outputs = await cloud.outputs('HealthFixture');
  identity = await makeIdentity(cloud.cloud.clients.iot, THING, outputs.AliasArnOutput ?? '', 'camera');
  cloudwatch = new CloudWatchClient(cloud.cloud.clients.settings);
});
afterAll(async () => {
  cloudwatch.destroy();
  await cloud.stop();
});

async function deviceCredentials(): Promise<Credentials> {
  const { iot } = cloud.cloud.clients;
  const { credentials } = await askCredentials(iot, cloud.cloud.endpoints.caFile, outputs.AliasNameOutput ?? '', identity, THING);
  if (credentials === undefined) {
    throw new Error('the device has no credentials');
  }
  return credentials;
}

async function publish(thing: string, text: string): Promise<unknown> {
  const client = new IoTDataPlaneClient({ ...cloud.cloud.clients.settings, credentials: await deviceCredentials() });
  try {
    return await client.send(new PublishCommand({
      topic: `$aws/rules/${outputs.RuleOutput ?? ''}/health/${thing}`, qos: 1, payload: Buffer.from(text),
    }));
  } finally {
    client.destroy();
  }
}

async function sum(MetricName: string, ...Dimensions: Dimension[]): Promise<number> {
  const { Datapoints = [] } = await cloudwatch.send(new GetMetricStatisticsCommand({
    Namespace: 'EdgeFleet', MetricName, Dimensions, Period: 60, Statistics: ['Sum'],
    StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 3_600_000),
  }));
  return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
}

/** What is known of each device. */
async function rows(): Promise<string> {
  const dynamodb = new DynamoDBClient(cloud.cloud.clients.settings);
  try {
    const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
    const { Items } = await dynamodb.send(new ScanCommand({ TableName: TableNames.find((name) => name.includes('HealthDevices')) }));
    return JSON.stringify(Items);
  } finally {
    dynamodb.destroy();
  }
}

const FLEET = { Name: 'FleetName', Value: 'shop' };
const CANARY = [FLEET, { Name: 'ModelName', Value: 'reader' }, { Name: 'ModelVersion', Value: '1.0' }, { Name: 'Ring', Value: 'canary' }];

/** Counts the devices, and gives what the dashboard's widget shows then. */
async function censusDrawn(): Promise<string> {
  const { lambda } = cloud.cloud.clients;
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  let text = '';
  for (const what of ['counts the devices of a fleet', 'draws the worst devices of a fleet']) {
    const FunctionName = Functions.find(({ Description }) => Description === `cdk-sagemaker-edge: ${what}`)?.FunctionName;
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
    text = Buffer.from(Payload ?? []).toString();
    expect(FunctionError === undefined ? '' : text).toBe('');
  }
  return text;
}

describe('an agent with the credentials of its device', () => {
  let agent: AgentProcess | undefined;
  beforeAll(async () => {
    const folder = fs.mkdtempSync(path.join('/tmp', 'he-'));
    const { accessKeyId, secretAccessKey, sessionToken } = await deviceCredentials();
    const started = await AgentProcess.start({
      folder,
      config: {
        sagemaker_edge_core_device_fleet_name: 'shop', sagemaker_edge_provider_provider: 'Custom', sagemaker_edge_heartbeat_period_seconds: 0,
        sagemaker_edge_core_iot_thing_name: THING, sagemaker_edge_health_rule: outputs.RuleOutput, sagemaker_edge_health_ring: 'canary',
        sagemaker_edge_health_report_period_seconds: 5,
      },
      environment: {
        AWS_ENDPOINT_URL: cloud.cloud.endpoints.emulator, NODE_EXTRA_CA_CERTS: cloud.cloud.endpoints.caFile,
        AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken,
      },
    });
    agent = started;
    const model = writePackage(path.join(folder, 'p'), identityModel('float32', [2]), { name: 'reader', version: '1.0' });
    await started.calls.loadModel('reader', model);
    for (let count = 0; count < 7; count += 1) {
      await started.calls.predict('reader', [floats('x', [2])]);
    }
    await expect(started.calls.predict('reader', [])).rejects.toThrow();
  });
  afterAll(() => agent?.stop());

  test('is counted in the metrics of its model, version and ring', async () => {
    await waitFor('the predictions', async () => await sum('Predictions', ...CANARY) === 7, PATIENCE_MS);
    expect(await sum('Errors', ...CANARY)).toBe(1);
    expect(await sum('Reports', ...CANARY)).toBeGreaterThan(0);
  });

  test('has its latency counted by CloudWatch as it was by the device', async () => {
    const { Datapoints = [] } = await cloudwatch.send(new GetMetricStatisticsCommand({
      Namespace: 'EdgeFleet', MetricName: 'Latency', Dimensions: CANARY, Period: 3600, Statistics: ['SampleCount', 'Maximum'],
      StartTime: new Date(Date.now() - 7_200_000), EndTime: new Date(Date.now() + 3_600_000),
    }));
    expect(Datapoints.reduce((total, { SampleCount = 0 }) => total + SampleCount, 0)).toBe(7);
  });

  test('is in the history, as it reported', async () => {
    const { s3 } = cloud.cloud.clients;
    const Bucket = outputs.HistoryOutput;
    const lines = async (): Promise<string> => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'reports/' }));
      const bodies = await Promise.all(Contents.map(async ({ Key }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        const bytes = Buffer.from(await Body?.transformToByteArray() ?? []);
        return bytes.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b])) ? gunzipSync(bytes).toString() : bytes.toString();
      }));
      return bodies.join('');
    };
    await waitFor('the history', async () => (await lines()).includes(`{"thing":"${THING}"`), PATIENCE_MS);
    expect(await lines()).toContain('"ring":"canary"');
  });

  test('is found by the census, and drawn by the widget as one that reports', async () => {
    await waitFor('the row of the device', async () => (await censusDrawn()).includes('1 devices report, 0 are silent'), PATIENCE_MS);
    expect(await sum('DevicesReporting', FLEET)).toBeGreaterThan(0);
  });

  test('is on the page of the local cloud, with its model and the widgets of the dashboard', async () => {
    const response = await fetch(cloud.cloud.endpoints.page);
    const text = await response.text();
    const page = text.slice(0, text.indexOf('<script'));
    expect([response.status, page.slice(0, 200)]).toEqual([200, expect.stringContaining('<!DOCTYPE html>')]);
    expect(page).toContain('1 devices report, 0 are silent');
    expect(page).toContain(`<td>${THING}</td>`);
    expect(page).toContain('<td>reader</td><td>1.0</td><td>7</td>');
    expect(page).toMatch(/aria-label="[^"]*reader 1\.0 canary: \d/);
  });

  test('is drawn so by a real browser, which complains of nothing', async () => {
    const { status, text, canvases, pictures, complaints } = await (await Browser.install()).visit(cloud.cloud.endpoints.page);
    expect([status, complaints, pictures]).toEqual([200, [], []]);
    expect(text).toContain('1 devices report, 0 are silent');
    expect(text).toMatch(new RegExp(`${THING}\\s+–\\s+1`));
    expect(text).toMatch(/reader 1\.0 canary: \d/);
    expect(canvases.length).toBeGreaterThan(0);
    expect(canvases).not.toContain(false);
  });

  test('is drawn as a silent one when it has stopped', async () => {
    // Not each report is written into the row of its device, and the first one was made before the model was there.
    await waitFor('the model in the row', async () => (await rows()).includes('reader 1.0'), PATIENCE_MS);
    await agent?.stop();
    const row = `<td>${THING}</td><td>canary</td><td>reader 1.0</td>`;
    await waitFor('the silence', async () => (await censusDrawn()).includes('Silent devices</h3><table>'), PATIENCE_MS);
    expect(await censusDrawn()).toContain(row);
  });
});

test('what a device sends and cannot be counted is counted as rejected', async () => {
  await publish(THING, 'not JSON');
  await waitFor('the rejection', async () => await sum('RejectedReports', FLEET, { Name: 'Reason', Value: 'NotJson' }) === 1, PATIENCE_MS);
});

test('a device cannot report for another one', async () => {
  await expect(publish('camera-2', '{}')).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test('every metric of the dashboard has the dimensions of one that the functions write', async () => {
  const { DashboardBody = '' } = await cloudwatch.send(new GetDashboardCommand({ DashboardName: 'shop' }));
  expect(DashboardBody).toContain('"EdgeFleet","Predictions","FleetName","shop","ModelName","reader","ModelVersion","1.0","Ring","canary"');
});

test('the alarms are there, and tell a topic', async () => {
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'HealthFixture' }));
  expect(MetricAlarms).toHaveLength(4 + 2 * 2);
  expect(MetricAlarms.every(({ AlarmActions = [], OKActions = [] }) => AlarmActions.length === 1 && OKActions.length === 1)).toBe(true);
});

describe('an alarm of a metric with dimensions', () => {
  const heat = async (Value: number, ...sites: string[]): Promise<unknown> => cloudwatch.send(new PutMetricDataCommand({
    Namespace: 'Site',
    MetricData: sites.map((site) => ({ MetricName: 'Heat', Value, Dimensions: [{ Name: 'Site', Value: site }] })),
  }));
  const states = async (): Promise<string[]> => {
    const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'heat-' }));
    return MetricAlarms.map(({ StateValue = '' }) => StateValue);
  };
  let messages: AlarmMessages;
  beforeAll(() => {
    messages = new AlarmMessages(cloud, outputs.MessagesOutput ?? '');
  });

  test('goes off by the values of its own dimensions, and tells its topic why', async () => {
    await waitFor('the alarm', async () => {
      await heat(80, 'north');
      await heat(20, 'south');
      return (await states()).join() === 'ALARM,OK';
    }, PATIENCE_MS);
    expect(await messages.next('heat-north', 'ALARM')).toMatchObject({
      NewStateReason: expect.stringContaining('1 out of the last 1 datapoints [80.0') as unknown, Trigger: { MetricName: 'Heat' },
    });
  });

  test('is over when they are within the limit, and tells that too', async () => {
    await waitFor('the end of the alarm', async () => {
      await heat(20, 'north', 'south');
      return (await states()).join() === 'OK,OK';
    }, PATIENCE_MS);
    expect(await messages.next('heat-north', 'OK')).toMatchObject({ OldStateValue: 'ALARM' });
  });

  test('tells nobody while its actions are off', async () => {
    await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['heat-south'] }));
    await waitFor('both alarms', async () => {
      await heat(80, 'north', 'south');
      return (await states()).join() === 'ALARM,ALARM';
    }, PATIENCE_MS);
    await messages.next('heat-north', 'ALARM');
    expect(messages.all('heat-south').filter(({ NewStateValue }) => NewStateValue === 'ALARM')).toEqual([]);
  });
});

test('the functions have used each of their rights by then, but for those that are listed with their reason', () => {
  expect(evidence.unknownCalls()).toEqual([]);
  expect(needlessWidth(evidence.rights(), LISTED)).toEqual([]);
});

test('all of it goes with its stack', async () => {
  const { iot } = cloud.cloud.clients;
  await iot.send(new DetachThingPrincipalCommand({ thingName: THING, principal: identity.arn }));
  await iot.send(new DetachPolicyCommand({ policyName: 'camera', target: identity.arn }));
  await iot.send(new UpdateCertificateCommand({ certificateId: identity.id, newStatus: 'INACTIVE' }));
  await iot.send(new DeleteCertificateCommand({ certificateId: identity.id }));
  await iot.send(new DeletePolicyCommand({ policyName: 'camera' }));
  await cloud.destroy(APP);
  expect(await cloud.leftovers()).toEqual([]);
});
