import { App } from 'aws-cdk-lib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { buildSampleApp } from '../../bin/sample-app';
import { bridgeTemplate } from '../../local/bridge/template';
import { ACCOUNT, REGION } from '../../local/service/account';
import { Clients } from '../../local/cloud/clients';
import { askCredentials } from './device-credentials';
import { TestCloud } from './harness';
import { ANY_KEY, holdsBytes, secretBytes } from './key-search';
import { PLACES } from './places';
import { StackLife, type DeployedTemplate } from './stack-life';

const CONTEXT = { delivery: 'edge-manager', deviceCount: '2', modelName: 'key-test', health: 'off' };
const APP = { app: 'bin/sample.ts', stacks: ['EdgeSample'], context: CONTEXT };
const ALIAS = 'SageMakerEdge-demo-device-fleet';

/** What each place must hold, or it was not looked into. */
const WITNESSES: Readonly<Record<keyof typeof PLACES, RegExp>> = {
  template: /Custom::SageMakerEdge-DeviceKey/,
  'events and outputs': /Custom::SageMakerEdge-DeviceKey/,
  'logs of functions': /Custom::SageMakerEdge-DeviceKey/,
  'own logs of the local cloud': /SageMaker/,
  'answers of handlers': /SUCCESS[^]*CertificateSigningRequest[^]*CertificatePem|SUCCESS[^]*CertificatePem[^]*CertificateSigningRequest/,
  'environments of functions': /"Variables"/,
  buckets: /captures|manifest/,
  'machines and parameters': /InstanceId/,
};

interface Secret { readonly thingName: string; readonly privateKeyPem: string; readonly certificatePem: string }

/** The devices of the sample, made by `addCertificate()`, from what their secrets hold. */
describe('the key of a device', () => {
  let cloud: TestCloud;
  let clients: Clients;
  let secrets: Secret[];
  let keys: Buffer[];

  beforeAll(async () => {
    cloud = await TestCloud.start('device-key');
    ({ clients } = cloud.cloud);
    await cloud.deploy(APP);
    const { SecretList = [] } = await clients.secrets.send(new ListSecretsCommand({}));
    const values = await Promise.all(
      SecretList.map(async ({ ARN }) => (await clients.secrets.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretString ?? '{}'),
    );
    secrets = values.map((value) => JSON.parse(value) as Secret);
    keys = secrets.map(({ privateKeyPem }) => secretBytes(privateKeyPem));
  });
  afterAll(async () => {
    await cloud.stop();
  });

  /**
   * Where a key of this stack is found, or, by what all of them begin with, that of a device that is gone. `seen` is
   * whether the search met the witness.
   */
  async function search(where: string, witness: RegExp): Promise<{ readonly found: string[]; readonly seen: boolean }> {
    const found: string[] = [];
    const texts: string[] = [];
    for await (const { place, content } of PLACES[where]?.(cloud) ?? []) {
      if (holdsBytes(content, ANY_KEY, ...keys)) {
        found.push(place);
      }
      if (content.length < 1e6) {
        texts.push(place, content.toString());
      }
    }
    return { found, seen: witness.test(texts.join('\n')) };
  }

  test('is in the secret of each device, with its certificate', () => {
    expect(secrets.map(({ thingName }) => thingName).sort()).toEqual(['demo-device-fleet-Camera1', 'demo-device-fleet-Camera2']);
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(2);
    expect(secrets.every(({ certificatePem }) => certificatePem.includes('BEGIN CERTIFICATE'))).toBe(true);
  });

  test('gets its device credentials that write under its own prefix, and under no other\'s', async () => {
    const [device] = secrets;
    const { bucket, prefix } = await captureLocation();
    const { credentials } = await askCredentials(
      clients.iot,
      cloud.cloud.endpoints.caFile,
      ALIAS,
      { pem: device?.certificatePem ?? '', key: device?.privateKeyPem ?? '' },
      device?.thingName,
    );
    const own = new Clients(cloud.cloud.endpoints, credentials);
    try {
      const put = async (folder: string) => own.s3.send(new PutObjectCommand({
        Bucket: bucket,
        Key: `${prefix}/${folder}/probe`,
        Body: 'x',
      }));
      await expect(put(device?.thingName ?? '')).resolves.toBeDefined();
      await expect(put(secrets[1]?.thingName ?? '')).rejects.toMatchObject({ name: 'AccessDenied' });
    } finally {
      own.close();
    }
  });

  test('gets nothing in another device\'s name', async () => {
    const [device, other] = secrets;
    const answer = askCredentials(
      clients.iot,
      cloud.cloud.endpoints.caFile,
      ALIAS,
      { pem: device?.certificatePem ?? '', key: device?.privateKeyPem ?? '' },
      other?.thingName,
    );
    expect(await answer).toEqual({ status: 403, message: 'Invalid thing name passed' });
  });

  describe.each([
    'after the deployment',
    'after an update that made a third key, failed and was rolled back',
    'after the deletion',
  ])('%s', (moment) => {
    const gone = moment === 'after the deletion';
    beforeAll(async () => {
      if (gone) {
        await cloud.destroy(APP);
      }
      if (moment.includes('rolled back')) {
        await failWithThirdDevice();
      }
    });

    test.each(
      Object.entries(WITNESSES).filter(([where]) => !gone || /logs|buckets|functions/.test(where)),
    )('is not in the %s', async (where, witness) => {
      const { found, seen } = await search(where, witness);
      expect({ found, seen: seen || gone }).toEqual({ found: [], seen: true }); // most of what would be seen has gone, too
    });
  });

  /** A resource that cannot be made, after the key, the certificate and the secret of one device more. */
  async function failWithThirdDevice(): Promise<void> {
    process.env.CDK_DEFAULT_ACCOUNT = ACCOUNT;
    process.env.CDK_DEFAULT_REGION = REGION;
    const app = new App({ context: { ...CONTEXT, deviceCount: '3' }, analyticsReporting: false });
    const { artifactId } = buildSampleApp(app);
    const bridged: unknown = bridgeTemplate(app.synth().getStackArtifact(artifactId).template as Record<string, unknown>);
    const template = bridged as DeployedTemplate;
    const [delivery, device] = Object.entries(template.Resources).find(
      ([id, { Type }]) => Type === 'Custom::SageMakerEdge-DeviceCertificate' && id.includes('Camera3'),
    ) ?? [];
    const broken = {
      Type: 'Custom::SageMakerEdge-Nothing',
      Properties: { ServiceToken: device?.Properties?.ServiceToken },
      DependsOn: [delivery ?? ''],
    };
    const life = new StackLife(cloud, 'EdgeSample', 'EdgeSample');
    expect(await life.update({ ...template, Resources: { ...template.Resources, Broken: broken } })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await life.reasons()).toMatch(/no handler for resource type Custom::SageMakerEdge-Nothing/);
    const { found, seen } = await search('logs of functions', /"answered","logicalId":"\w*Delivery\w*Camera3\w*","status":"SUCCESS"/);
    expect({ found, seen }).toEqual({ found: [], seen: true }); // the third device had its certificate
  }

  async function captureLocation(): Promise<{ bucket: string; prefix: string }> {
    const { CaptureLocation = '' } = await cloud.outputs('EdgeSample');
    const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(CaptureLocation);
    return { bucket: match?.[1] ?? '', prefix: match?.[2] ?? '' };
  }
});
