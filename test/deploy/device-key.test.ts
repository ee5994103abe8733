import * as fs from 'node:fs';
import * as path from 'node:path';
import { CloudWatchLogsClient, paginateDescribeLogGroups, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetTemplateCommand, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListBucketsCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand, paginateGetExecutionHistory, paginateListExecutions } from '@aws-sdk/client-sfn';
import { Clients } from '../../local/clients';
import { askCredentials } from './device-credentials';
import { TestCloud } from './harness';

const APP = { app: 'local/app.ts', stacks: ['EdgeSample'], context: { delivery: 'edge-manager', deviceCount: '2', modelName: 'key-test' } };
const ALIAS = 'SageMakerEdge-demo-device-fleet';

interface Secret { readonly thingName: string; readonly privateKeyPem: string; readonly certificatePem: string }

/** The devices of the sample, made by `addCertificate()`, from what their secrets hold. */
describe('the key of a device', () => {
  let cloud: TestCloud;
  let clients: Clients;
  let secrets: Secret[];
  let needle: string;

  beforeAll(async () => {
    cloud = await TestCloud.start('device-key');
    ({ clients } = cloud.cloud);
    await cloud.deploy(APP);
    const { SecretList = [] } = await clients.secrets.send(new ListSecretsCommand({}));
    const values = await Promise.all(SecretList.map(async ({ ARN }) => (await clients.secrets.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretString ?? '{}'));
    secrets = values.map((value) => JSON.parse(value) as Secret);
    needle = keyText(secrets[0]?.privateKeyPem);
  });
  afterAll(async () => { await cloud.stop(); });

  test('is in the secret of each device, with its certificate', () => {
    expect(secrets.map(({ thingName }) => thingName).sort()).toEqual(['demo-device-fleet-Camera1', 'demo-device-fleet-Camera2']);
    expect(new Set(secrets.map(({ privateKeyPem }) => keyText(privateKeyPem))).size).toBe(2);
    expect(secrets.every(({ certificatePem }) => certificatePem.includes('BEGIN CERTIFICATE'))).toBe(true);
  });

  test('is found by this search where it is put', () => {
    expect(holds(`…${secrets[0]?.privateKeyPem ?? ''}…`, needle)).toBe(true);
    expect(holds(JSON.stringify(JSON.stringify(secrets[0])), needle)).toBe(true);
  });

  test('is not in the template', async () => {
    const { TemplateBody = '' } = await clients.cloudFormation.send(new GetTemplateCommand({ StackName: 'EdgeSample' }));
    expect(TemplateBody.length).toBeGreaterThan(1000);
    expect(holds(TemplateBody, needle)).toBe(false);
  });

  test('is in no event or output of the stack', async () => {
    const texts: string[] = [JSON.stringify(await cloud.outputs('EdgeSample'))];
    for await (const page of paginateDescribeStackEvents({ client: clients.cloudFormation }, { StackName: 'EdgeSample' })) { texts.push(JSON.stringify(page.StackEvents)); }
    expect(texts.some((text) => holds(text, needle))).toBe(false);
  });

  test('is in no log, where the handlers\' requests and responses are', async () => {
    const logs = new CloudWatchLogsClient(clients.settings);
    const texts: string[] = [];
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
      for (const { logGroupName } of logGroups) {
        for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName })) { texts.push(...events.map(({ message = '' }) => message)); }
      }
    }
    logs.destroy();
    expect(texts.some((text) => text.includes('Custom::SageMakerEdge-DeviceKey'))).toBe(true); // the search saw the handler's requests
    expect(texts.some((text) => holds(text, needle))).toBe(false);
    const files = fs.readdirSync(cloud.cloud.folder.logs).map((name) => fs.readFileSync(path.join(cloud.cloud.folder.logs, name), 'utf8'));
    expect([...files, JSON.stringify(cloud.requests())].some((text) => holds(text, needle))).toBe(false);
  });

  test('is in no execution of a state machine', async () => {
    const { stateMachines = [] } = await clients.stepFunctions.send(new ListStateMachinesCommand({}));
    const texts: string[] = [];
    for (const { stateMachineArn } of stateMachines) {
      for await (const { executions = [] } of paginateListExecutions({ client: clients.stepFunctions }, { stateMachineArn })) {
        for (const { executionArn } of executions) {
          for await (const page of paginateGetExecutionHistory({ client: clients.stepFunctions }, { executionArn })) { texts.push(JSON.stringify(page.events)); }
        }
      }
    }
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.some((text) => holds(text, needle))).toBe(false);
  });

  test('is in no function\'s environment', async () => {
    for await (const { Functions = [] } of paginateListFunctions({ client: clients.lambda }, {})) {
      expect(Functions.some((configuration) => holds(JSON.stringify(configuration), needle))).toBe(false);
    }
  });

  test('is in no bucket', async () => {
    const { Buckets = [] } = await clients.s3.send(new ListBucketsCommand({}));
    const found: string[] = [];
    for (const { Name: Bucket } of Buckets) {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: clients.s3 }, { Bucket })) {
        for (const { Key } of Contents) {
          const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
          if (holds(await Body?.transformToString('latin1') ?? '', needle)) { found.push(`${Bucket ?? ''}/${Key ?? ''}`); }
        }
      }
    }
    expect(found).toEqual([]);
  });

  test('gets its device credentials that write under its own prefix, and under no other\'s', async () => {
    const [device] = secrets;
    const { bucket, prefix } = await captureLocation();
    const { credentials } = await askCredentials(clients.iot, cloud.cloud.endpoints.caFile, ALIAS, { pem: device?.certificatePem ?? '', key: device?.privateKeyPem ?? '' }, device?.thingName);
    const own = new Clients(cloud.cloud.endpoints, credentials);
    try {
      const put = async (folder: string) => own.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${folder}/probe`, Body: 'x' }));
      await expect(put(device?.thingName ?? '')).resolves.toBeDefined();
      await expect(put(secrets[1]?.thingName ?? '')).rejects.toMatchObject({ name: 'AccessDenied' });
    } finally {
      own.close();
    }
  });

  async function captureLocation(): Promise<{ bucket: string; prefix: string }> {
    const { CaptureLocation = '' } = await cloud.outputs('EdgeSample');
    const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(CaptureLocation);
    return { bucket: match?.[1] ?? '', prefix: match?.[2] ?? '' };
  }
});

/** The key's own characters, without what PEM puts around them. */
function keyText(pem = ''): string {
  const text = pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
  if (text.length < 100) { throw new Error('a device has no private key in its secret'); }
  return text;
}

/** However the line breaks of a PEM are written, and however often JSON has quoted them. */
function holds(text: string, needle: string): boolean {
  return text.replace(/(\\+[nr]|\s)/g, '').includes(needle.slice(0, 60));
}
