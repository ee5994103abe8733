import * as fs from 'node:fs';
import * as path from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PNG } from 'pngjs';
import { readDashboard, type Widget } from '../../local/health/dashboard';
import { readSeries } from '../../local/health/metric-data';
import type { MachineSummary } from '../../local/device/host';
import { waitFor } from '../agent/support/agent-process';
import { AlarmMessages } from './alarm-messages';
import { exportLabels, keysOf, readManifest, readUri } from './exported-labels';
import { FleetMachine } from './fleet-machine';
import { TestCloud } from './harness';
import { writeWatchedModel } from './pictures';

const STACK = 'FleetAlarmsFixture';
const DEPLOYMENT_MS = 1_200_000;
/** Two periods, what comes late, and a busy machine. */
const PATIENCE_MS = 540_000;
/** What goes off beside the three would do so by then: two periods. */
const WATCH_MS = 120_000;
const FAULTS = ['DriftedDevices main', 'Latency main', 'SilentPercent'];
/** Lines that have no values: SQS's own, which nobody writes in the local cloud, and the reasons that no report was rejected for. */
const UNWRITTEN = ['ApproximateNumberOfMessagesVisible', 'RejectedReports'];

const DEVICES = 20;

describe.each(['direct', 'greengrass'])(`a fleet of ${DEVICES} machines by %s`, (delivery) => {
  let began = Date.now();
  let cloud: TestCloud;
  let cloudwatch: CloudWatchClient;
  let fleet: FleetMachine[] = [];
  let messages: AlarmMessages;
  let call: { app: string; context: Record<string, string> };
  let names = new Map<string, string>();

  const note = (what: string): void => {
    process.stdout.write(`${delivery}, ${((Date.now() - began) / 1000).toFixed(0)} s: ${what}\n`);
  };

  /** Metric and ring of each alarm, and its state. */
  const states = async (): Promise<{ label: string; name: string; state: string }[]> => {
    const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: STACK }));
    return MetricAlarms.map(({ AlarmName: name = '', MetricName = '', Dimensions = [], StateValue: state = '' }) => ({
      name, state, label: [MetricName, ...Dimensions.filter(({ Name }) => Name === 'Ring').map(({ Value = '' }) => Value)].join(' '),
    }));
  };

  /** The alarms that the topic was told of since a message. */
  const told = (state: string, since: number): string[] => {
    const found = messages.received.slice(since).filter(({ NewStateValue }) => NewStateValue === state);
    return [...new Set(found.map(({ AlarmName }) => names.get(String(AlarmName)) ?? String(AlarmName)))].sort();
  };

  beforeAll(async () => {
    began = Date.now();
    cloud = await TestCloud.start(`fleet-alarms-${delivery}`);
    cloudwatch = new CloudWatchClient(cloud.cloud.clients.settings);
    const model = path.join(cloud.cloud.folder.tmp, 'model');
    fs.mkdirSync(model);
    await writeWatchedModel(model);
    call = { app: 'test/deploy/fixtures/fleet-alarms-app.ts', context: { delivery, devices: String(DEVICES), model } };
    note('the cloud is up, and the baseline is made');
    await cloud.deploy(call);
    note('deployed');
    messages = new AlarmMessages(cloud, (await cloud.outputs(STACK)).MessagesOutput ?? '');
    names = new Map((await states()).map(({ name, label }) => [name, label]));
    const answer = await fetch(`${cloud.cloud.endpoints.devices}/machines`, { headers: cloud.control });
    fleet = (await answer.json() as MachineSummary[]).sort((a, b) => a.thingName.localeCompare(b.thingName))
      .map((machine, index) => new FleetMachine(machine, 'inspector', index + 1));
    for (const machine of fleet) {
      machine.work();
    }
  }, DEPLOYMENT_MS);

  afterAll(async () => {
    await Promise.all(fleet.map(async (machine) => machine.close()));
    cloudwatch.destroy();
    await cloud.stop();
  }, DEPLOYMENT_MS);

  test('is well: each alarm is OK', async () => {
    expect(fleet).toHaveLength(DEVICES);
    await publish('not JSON');
    await waitFor('values in the lines of the dashboard', async () => (
      (await drawn()).every(({ metric, points }) => points > 0 || UNWRITTEN.includes(metric))
    ), PATIENCE_MS);
    await waitFor('each alarm to be OK', async () => (await states()).every(({ state }) => state === 'OK'), PATIENCE_MS);
    const memory = fleet.map((machine) => machine.memory());
    note(`all is well: ${memory.length} machines with ${Math.round(Math.min(...memory))} to ${Math.round(Math.max(...memory))} MiB each, `
      + `${Math.round(memory.reduce((sum, each) => sum + each, 0))} MiB in all`);
  });

  /** As a device that sends what is no report. */
  const publish = async (payload: string): Promise<void> => {
    const client = new IoTDataPlaneClient(cloud.cloud.clients.settings);
    try {
      const { RuleOutput: rule = '' } = await cloud.outputs(STACK);
      await client.send(new PublishCommand({ topic: `$aws/rules/${rule}/health/${fleet[0]?.name ?? ''}`, qos: 1, payload: Buffer.from(payload) }));
    } finally {
      client.destroy();
    }
  };

  /** How many values each line of the dashboard has. */
  const drawn = async (): Promise<{ title: string; metric: string; points: number }[]> => {
    const { DashboardBody = '' } = await cloudwatch.send(new GetDashboardCommand({ DashboardName: 'line' }));
    const lines = readDashboard(DashboardBody).flatMap((widget) => (
      widget.kind === 'custom' ? [] : widget.lines.map(({ series }) => ({ title: widget.title, series }))
    ));
    const points = await readSeries(cloudwatch, lines.map(({ series }) => series), began - 300_000, Date.now() + 300_000);
    return lines.map(({ title, series: { name } }, index) => ({ title, metric: name, points: points[index]?.length ?? 0 }));
  };

  /** The widgets without any value. */
  const empty = async (): Promise<string[]> => {
    const lines = await drawn();
    return [...new Set(lines.map(({ title }) => title))].filter((title) => !lines.some((line) => line.title === title && line.points > 0));
  };

  test('has data in every widget of its dashboard', async () => {
    await waitFor('values in the widgets', async () => (await empty()).length === 0, PATIENCE_MS);
    const lines = await drawn();
    note(`${lines.filter(({ points }) => points > 0).length} of ${lines.length} lines of the dashboard have values`);
    expect(new Set(lines.map(({ title }) => title)).size).toBe(9);
    const { DashboardBody = '' } = await cloudwatch.send(new GetDashboardCommand({ DashboardName: 'line' }));
    const tables = readDashboard(DashboardBody).filter((widget): widget is Widget & { kind: 'custom' } => widget.kind === 'custom');
    expect(tables).toHaveLength(1);
    await waitFor('a census of all devices', async () => (
      (await drawnBy(tables[0]?.functionArn)).includes(`${DEVICES} devices report, 0 are silent`)
    ), PATIENCE_MS);
  });

  /** What the function of a custom widget draws. */
  const drawnBy = async (FunctionName?: string): Promise<string> => {
    const { Payload } = await cloud.cloud.clients.lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
    return Buffer.from(Payload ?? []).toString();
  };

  test('has exactly the alarms of one that is slow, one that is silent and one that sees dark pictures, and they end', async () => {
    await messages.receive();
    const before = messages.received.length;
    const [slow, silent, dark] = fleet;
    slow?.hesitate(700);
    await silent?.freeze();
    dark?.darken(0.3);
    note('one is slow, one is silent, one sees dark pictures');
    await waitFor('the three alarms', async () => {
      await messages.receive();
      return FAULTS.every((label) => told('ALARM', before).includes(label));
    }, PATIENCE_MS);
    note('the three alarms went off');
    await expectLabels(dark?.name);
    await new Promise((resume) => {
      setTimeout(resume, WATCH_MS);
    });
    await messages.receive();
    for (const { AlarmName, NewStateValue, NewStateReason } of messages.received.slice(before)) {
      note(`${names.get(String(AlarmName)) ?? ''} ${String(NewStateValue)}: ${String(NewStateReason)}`);
    }
    expect(told('ALARM', before)).toEqual(FAULTS);
    const after = messages.received.length;
    slow?.hesitate(0);
    silent?.thaw();
    dark?.darken(1);
    await waitFor('the end of the three alarms', async () => {
      await messages.receive();
      return FAULTS.every((label) => told('OK', after).includes(label));
    }, PATIENCE_MS);
    note('the three alarms are over');
    expect(told('ALARM', after)).toEqual([]);
    expect((await states()).filter(({ state }) => state !== 'OK')).toEqual([]);
    expect(fleet.flatMap(({ name, errors }) => errors.map((error) => `${name}: ${error}`))).toEqual([]);
    note(`${fleet.reduce((sum, { predictions }) => sum + predictions, 0)} predictions`);
  }, 2 * PATIENCE_MS + WATCH_MS);

  /** By then the one that sees dark pictures captures them by itself, and nobody else captures anything: they are what the export gives. */
  const expectLabels = async (device = ''): Promise<void> => {
    const { ExporterOutput, CapturesOutput: bucket = '' } = await cloud.outputs(STACK);
    await exportLabels(cloud, ExporterOutput);
    const [key = ''] = await keysOf(cloud, bucket, 'labels/', '/manifest.jsonl');
    const lines = await readManifest(cloud, `s3://${bucket}/${key}`);
    note(`${lines.length} captures of what drifted are in the manifest`);
    expect([...new Set(lines.map(({ metadata }) => `${metadata.device} ${metadata.reason}`))]).toEqual([`${device} drifted`]);
    const { data } = PNG.sync.read(await readUri(cloud, lines.at(-1)?.['source-ref'] ?? ''));
    const grey = Array.from({ length: 64 }, (_, pixel) => data[pixel * 4] ?? NaN);
    expect(grey.reduce((sum, each) => sum + each, 0) / grey.length).toBeLessThan(0.3 * 255); // of a day with light 0.4 at least
  };

  test('goes with its stack', async () => {
    await Promise.all(fleet.map(async (machine) => machine.rest()));
    await cloud.destroy(call);
    expect(await cloud.leftovers()).toEqual([]);
  }, DEPLOYMENT_MS);
});
