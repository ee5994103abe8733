import * as fs from 'node:fs';
import { Agent } from 'node:https';
import * as path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { IotCredentialProvider } from '../../agent/cloud/credentials';
import { startCoreDevice, type CoreDevice } from './core-device';
import type { DeviceCredentials } from './token-exchange';
import { errorText } from '../service/errors';

/** The variables that the user data of a core device writes: all that the machine is told when it is made. */
export interface CoreVariables {
  readonly AWS_REGION: string;
  readonly CORE_THING_NAME: string;
  readonly CORE_SECRET_ARN: string;
  readonly CORE_ROLE_ALIAS: string;
  readonly CORE_CREDENTIAL_ENDPOINT: string;
  readonly CORE_REPORT_BUCKET: string;
  readonly CORE_REPORT_KEY: string;
}

/** A deployment fails by the first answer that does not come, and the machines of a whole fleet may begin at once on a busy one. */
const CREDENTIALS_MS = 120_000;
const NAMES: readonly (keyof CoreVariables)[] = [
  'AWS_REGION', 'CORE_THING_NAME', 'CORE_SECRET_ARN', 'CORE_ROLE_ALIAS', 'CORE_CREDENTIAL_ENDPOINT', 'CORE_REPORT_BUCKET',
  'CORE_REPORT_KEY',
];

/** Reads them from the script itself; undefined for user data that is not a core device's. */
export function readCoreVariables(script: string, instanceId: string): CoreVariables | undefined {
  const [, lines = ''] = /<<ENVIRONMENT\n(.*?)\nENVIRONMENT\n/s.exec(script) ?? [];
  const found = Object.fromEntries(lines.split('\n').map((line): [string, string] => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1).replace('$instance', instanceId),
  ]));
  return isComplete(found) ? found : undefined;
}

function isComplete(found: object): found is CoreVariables {
  return NAMES.every((name) => name in found);
}

export interface CoreMachineOptions {
  readonly instanceId: string;
  readonly variables: CoreVariables;
  /** Of the machine's own role, which may read the device's secret and nothing else. */
  readonly machineCredentials: () => Promise<DeviceCredentials>;
  readonly emulator: string;
  readonly sageMaker: string;
  readonly greengrass: string;
  readonly controlToken: string;
  readonly caFile: string;
  /** The nucleus's root folder; short, since a socket is in it. */
  readonly root: string;
  readonly copies: string;
  readonly logFile: string;
}

/** What plays an EC2 instance with nucleus classic: fetches the device's certificate as the machine, and is the device from then on. */
export class CoreMachine {
  /** A setup that fails is reported, and leaves a machine that does nothing. */
  public static async start(options: CoreMachineOptions): Promise<CoreMachine> {
    fs.mkdirSync(path.dirname(options.logFile), { recursive: true });
    const log = (line: string): void => {
      fs.appendFileSync(options.logFile, `${new Date().toISOString()} ${line}\n`);
    };
    try {
      const device = await setUp(options, log);
      await report(options, 'READY', 'the nucleus runs');
      return new CoreMachine(device, options.root);
    } catch (error) {
      const reason = errorText(error);
      log(`the setup failed: ${reason}`);
      await report(options, 'FAILED', `the setup of the machine failed: ${reason}`);
      return new CoreMachine(undefined, options.root);
    }
  }

  private constructor(private readonly device: CoreDevice | undefined, private readonly root: string) {}

  /** The socket of the agent, once a component has made it. */
  public get socket(): string {
    const work = path.join(this.root, 'work');
    const components = fs.existsSync(work) ? fs.readdirSync(work) : [];
    return components.map((component) => path.join(work, component, 'agent.sock')).find((file) => fs.existsSync(file)) ?? '';
  }

  public async stop(): Promise<void> {
    await this.device?.close();
  }
}

/** What the user data does, with a nucleus that is part of this process. */
async function setUp(options: CoreMachineOptions, log: (line: string) => void): Promise<CoreDevice> {
  const { variables, caFile, emulator, root } = options;
  const certificates = path.join(root, 'certs');
  fs.mkdirSync(certificates, { recursive: true, mode: 0o700 });
  await writeIdentity(options, certificates);
  const iot = new IotCredentialProvider({
    endpoint: new URL(`https://${variables.CORE_CREDENTIAL_ENDPOINT}/role-aliases/${variables.CORE_ROLE_ALIAS}/credentials`), caCertFile: caFile,
    certFile: path.join(certificates, 'device.pem.crt'),
    keyFile: path.join(certificates, 'private.pem.key'),
    thingName: variables.CORE_THING_NAME, timeoutMs: CREDENTIALS_MS,
    logger: { debug: () => undefined, info: log, warn: log, error: log },
  });
  return startCoreDevice({
    url: options.greengrass, controlToken: options.controlToken, thingName: variables.CORE_THING_NAME, region: variables.AWS_REGION, root,
    copies: options.copies, log, credentials: iot.get, roleAlias: variables.CORE_ROLE_ALIAS,
    s3: { endpoint: emulator, requestHandler: { httpsAgent: new Agent({ ca: fs.readFileSync(caFile) }) } },
    environment: {
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
      HOME: root,
      TMPDIR: process.env.TMPDIR ?? '/tmp',
      NO_PROXY: 'localhost,127.0.0.1',
      AWS_ENDPOINT_URL: emulator, AWS_ENDPOINT_URL_SAGEMAKER_EDGE: options.sageMaker, NODE_EXTRA_CA_CERTS: caFile,
      AWS_EC2_METADATA_DISABLED: 'true', // on a real machine components have no way to it
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
}

/** As the machine, with its role's rights. */
async function report({
  instanceId, variables, machineCredentials, emulator, caFile,
}: CoreMachineOptions, status: string, message: string): Promise<void> {
  const s3 = new S3Client({
    endpoint: emulator,
    region: variables.AWS_REGION,
    forcePathStyle: true,
    credentials: machineCredentials,
    requestHandler: { httpsAgent: new Agent({ ca: fs.readFileSync(caFile) }) },
  });
  try {
    await s3.send(new PutObjectCommand({
      Bucket: variables.CORE_REPORT_BUCKET,
      Key: variables.CORE_REPORT_KEY,
      Body: JSON.stringify({ instanceId, status, message, models: [] }),
    }));
  } finally {
    s3.destroy();
  }
}

/** The user data's part with the secret. */
async function writeIdentity({ variables, machineCredentials, emulator, caFile }: CoreMachineOptions, folder: string): Promise<void> {
  const secrets = new SecretsManagerClient({
    endpoint: emulator,
    region: variables.AWS_REGION,
    credentials: machineCredentials,
    requestHandler: { httpsAgent: new Agent({ ca: fs.readFileSync(caFile) }) },
  });
  try {
    const { SecretString: text = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: variables.CORE_SECRET_ARN }));
    const secret: unknown = JSON.parse(text);
    if (typeof secret !== 'object' || secret === null || !('certificatePem' in secret) || !('privateKeyPem' in secret)) {
      throw new Error('the secret of the device holds no certificate');
    }
    fs.writeFileSync(path.join(folder, 'device.pem.crt'), String(secret.certificatePem));
    fs.writeFileSync(path.join(folder, 'private.pem.key'), String(secret.privateKeyPem), { mode: 0o600 });
  } finally {
    secrets.destroy();
  }
}
