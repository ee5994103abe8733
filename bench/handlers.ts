import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inTurn, type Row } from './row';
import { timeProcess } from './processes';

/** What each handler's cold start is measured against: the clients that it makes, and nothing else. */
const BARE_CLIENTS: Record<string, string> = {
  jobs: "import { SageMakerClient } from '@aws-sdk/client-sagemaker'; export const clients = [new SageMakerClient({})];",
  identity: `import { IoTClient } from '@aws-sdk/client-iot'; import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    export const clients = [new IoTClient({}), new SecretsManagerClient({})];`,
  device: "import { S3Client } from '@aws-sdk/client-s3'; export const clients = [new S3Client({})];",
  greengrass: `import { GreengrassV2Client } from '@aws-sdk/client-greengrassv2';
    import { IoTClient } from '@aws-sdk/client-iot';
    import { S3Client } from '@aws-sdk/client-s3';
    export const clients = [new GreengrassV2Client({}), new IoTClient({}), new S3Client({})];`,
};

/** Size of each handler's bundle, and its cold start against bare clients bundled alike. */
export async function benchHandlers(): Promise<Row[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-sagemaker-edge-bench-'));
  try {
    const rows: Row[] = [];
    for (const name of fs.readdirSync('assets').filter((entry) => fs.existsSync(path.join('assets', entry, 'index.mjs')))) {
      const bundle = path.resolve('assets', name, 'index.mjs');
      const source = BARE_CLIENTS[name];
      if (source === undefined) {
        throw new Error(`no bare clients to measure lambda/${name} against`);
      }
      const bare = path.join(folder, `${name}.mjs`);
      await build({
        stdin: { contents: source, resolveDir: process.cwd() },
        outfile: bare,
        bundle: true,
        platform: 'node',
        target: 'node20',
        format: 'esm',
        minify: true,
        legalComments: 'none',
        mainFields: ['module', 'main'],
      });
      rows.push({ what: `bundle of lambda/${name}`, ratio: fs.statSync(bundle).size / 1000, goal: 350, unit: 'kB' });
      const { ratio, a, b } = await inTurn(7, () => load(bundle), () => load(bare));
      rows.push({
        what: `cold start of lambda/${name} ÷ bare clients`,
        ratio,
        goal: 1.2,
        detail: `${a.toFixed(0)} ms ÷ ${b.toFixed(0)} ms`,
      });
    }
    return rows;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function load(file: string): Promise<number> {
  const environment = { AWS_REGION: 'us-east-1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const program = `await import(${JSON.stringify(pathToFileURL(file).href)})`;
  return timeProcess(process.execPath, ['--input-type=module', '--eval', program], environment);
}
