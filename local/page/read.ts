import { paginateDescribeStacks, paginateListStackResources, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetDashboardCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ListThingPrincipalsCommand, paginateListThings, type IoTClient } from '@aws-sdk/client-iot';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import { readDashboard, type Line, type Widget } from '../health/dashboard';
import { MAX_QUERIES, readSeries, type Point } from '../health/metric-data';
import { lastCaptures } from './captures';
import type { PageContent, ShownDashboard, ShownDevice, ShownModel, ShownWidget } from './contracts';

const HOUR_MS = 3_600_000;
/** A page for a person: a fleet of thousands is not read by its names. */
const MOST_DEVICES = 100;

export interface PageClients {
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly iot: IoTClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
}

/** Reads what the page shows from the services themselves. */
export async function readContent(clients: PageClients, at = new Date()): Promise<PageContent> {
  const dashboards = await readDashboards(clients, at.getTime());
  return { at, dashboards, models: modelsOf(dashboards), devices: await readDevices(clients), captures: await lastCaptures(clients.s3) };
}

async function readDashboards({ cloudFormation, cloudWatch, lambda }: PageClients, now: number): Promise<ShownDashboard[]> {
  const dashboards: ShownDashboard[] = [];
  for (const name of await dashboardNames(cloudFormation)) {
    const { DashboardBody = '' } = await cloudWatch.send(new GetDashboardCommand({ DashboardName: name }));
    const widgets: ShownWidget[] = [];
    for (const widget of readDashboard(DashboardBody)) {
      widgets.push(widget.kind === 'custom'
        ? { widget, html: await customHtml(lambda, widget) }
        : { widget, points: await pointsOf(cloudWatch, widget.lines, now) });
    }
    dashboards.push({ name, widgets });
  }
  return dashboards;
}

/** By the stacks: the SDK cannot read the emulator's ListDashboards, whose times are texts. */
async function dashboardNames(client: CloudFormationClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    for (const { StackName, StackStatus } of Stacks) {
      if (StackStatus === 'DELETE_COMPLETE') {
        continue;
      }
      for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
        const dashboards = StackResourceSummaries.filter(({ ResourceType }) => ResourceType === 'AWS::CloudWatch::Dashboard');
        names.push(...dashboards.flatMap(({ PhysicalResourceId }) => PhysicalResourceId ?? []));
      }
    }
  }
  return names;
}

async function pointsOf(cloudWatch: CloudWatchClient, lines: readonly Line[], now: number): Promise<Point[][]> {
  const points: Point[][] = [];
  for (let index = 0; index < lines.length; index += MAX_QUERIES) {
    const part = lines.slice(index, index + MAX_QUERIES).map(({ series }) => series);
    points.push(...await readSeries(cloudWatch, part, now - HOUR_MS, now + HOUR_MS));
  }
  return points;
}

/** As CloudWatch asks the function of a custom widget. */
async function customHtml(lambda: LambdaClient, { functionArn }: Extract<Widget, { readonly kind: 'custom' }>): Promise<string> {
  const question = JSON.stringify({ widgetContext: {} });
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: functionArn, Payload: question }));
  const text = Buffer.from(Payload ?? []).toString('utf8');
  const answer: unknown = JSON.parse(text === '' ? 'null' : text);
  if (FunctionError !== undefined || typeof answer !== 'string') {
    throw new Error(`the function of a custom widget answers with HTML, got ${FunctionError ?? 'no text'}: ${text.slice(0, 200)}`);
  }
  return answer;
}

async function readDevices({ iot }: PageClients): Promise<ShownDevice[]> {
  const devices: ShownDevice[] = [];
  for await (const { things = [] } of paginateListThings({ client: iot }, {})) {
    for (const { thingName = '', thingTypeName = '–' } of things) {
      const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
      devices.push({ name: thingName, type: thingTypeName, certificates: principals.length });
      if (devices.length === MOST_DEVICES) {
        return devices;
      }
    }
  }
  return devices;
}

/** By the metrics of all dashboards: the sums of their points. */
function modelsOf(dashboards: readonly ShownDashboard[]): ShownModel[] {
  const models = new Map<string, { name: string; version: string; predictions: number }>();
  const seen = new Set<string>();
  for (const shown of dashboards.flatMap(({ widgets }) => widgets)) {
    if ('html' in shown) {
      continue;
    }
    shown.widget.lines.forEach(({ series }, index) => {
      const dimension = (wanted: string): string | undefined => series.dimensions.find(({ Name }) => Name === wanted)?.Value;
      const [name, version] = [dimension('ModelName'), dimension('ModelVersion')];
      const key = JSON.stringify(series);
      if (name === undefined || version === undefined || series.statistic !== 'Sum' || seen.has(key)) {
        return;
      }
      seen.add(key);
      const id = `${name} ${version}`;
      const model = models.get(id) ?? { name, version, predictions: 0 };
      models.set(id, model);
      const sum = shown.points[index]?.reduce((total, { value }) => total + value, 0) ?? 0;
      model.predictions += series.name === 'Predictions' ? sum : 0;
    });
  }
  return [...models.values()].sort((one, other) => (`${one.name} ${one.version}` < `${other.name} ${other.version}` ? -1 : 1));
}
