import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { inTurn, type Row } from './row';
import { timeProcess } from './processes';

const TSX = path.join('node_modules', '.bin', 'tsx');
const NO_VALIDATION = { CDK_VALIDATION: 'false' }; // one second of schema checks in both would hide the difference

/** The package's size; synth of the sample against other apps, and with many devices against one. */
export async function benchSynth(): Promise<Row[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-sagemaker-edge-bench-'));
  const source = (app: string) => path.join('bench', 'apps', `${app}.ts`);
  const synth = (app: string, env: Record<string, string> = {}) => {
    const output = path.join(folder, `${app}${env.DEVICES ?? ''}`);
    return timeProcess(TSX, [source(app)], { ...NO_VALIDATION, CDK_OUTDIR: output, ...env });
  };
  /** As a person types it: with the CLI, and the schema checks. */
  const cdkSynth = (app: string) => {
    const args = ['synth', '--quiet', '--app', `${TSX} ${source(app)}`, '--output', path.join(folder, `cdk-${app}`)];
    return timeProcess(path.join('node_modules', '.bin', 'cdk'), args, { CDK_DISABLE_CLI_TELEMETRY: 'true' });
  };
  try {
    const rows: Row[] = [packedSize()];
    for (const delivery of ['direct', 'edge-manager', 'greengrass']) {
      const { ratio, a, b } = await inTurn(5, () => synth('sample', { DELIVERY: delivery }), () => synth('empty'));
      rows.push({
        what: `synth of the sample (${delivery}) ÷ an empty app`,
        ratio,
        goal: 1.3,
        detail: `${a.toFixed(0)} ms ÷ ${b.toFixed(0)} ms`,
      });
    }
    // What this library adds, without the modules of aws-cdk-lib that an app loads once it has a function and an instance.
    const plain = await inTurn(5, () => synth('sample', { DELIVERY: 'direct' }), () => synth('plain'));
    rows.push({
      what: 'synth of the sample (direct) ÷ an app of the same modules',
      ratio: plain.ratio,
      detail: `${plain.a.toFixed(0)} ms ÷ ${plain.b.toFixed(0)} ms`,
    });
    const cli = await inTurn(3, () => cdkSynth('sample'), () => cdkSynth('empty'));
    rows.push({
      what: 'cdk synth of the sample (direct) ÷ of an empty app',
      ratio: cli.ratio,
      detail: `${cli.a.toFixed(0)} ms ÷ ${cli.b.toFixed(0)} ms`,
    });
    for (const devices of ['10', '100']) {
      const { ratio, a } = await inTurn(3, () => synth('fleet', { DEVICES: devices }), () => synth('fleet', { DEVICES: '1' }));
      const resources = countResources(path.join(folder, `fleet${devices}`));
      const few = countResources(path.join(folder, 'fleet1'));
      rows.push({
        what: `synth of a fleet of ${devices} devices ÷ of 1`,
        ratio,
        detail: `${a.toFixed(0)} ms; ${resources} resources against ${few}`,
      });
    }
    return rows;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What an install downloads. */
function packedSize(): Row {
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
    encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [pack] = JSON.parse(listing) as { size: number; unpackedSize: number }[];
  if (pack === undefined) {
    throw new Error('npm pack says nothing');
  }
  return {
    what: 'the packed package',
    ratio: pack.size / 1e6,
    unit: 'MB',
    goal: 25,
    detail: `${(pack.unpackedSize / 1e6).toFixed(1)} MB unpacked; dist/ as it was built last`,
  };
}

function countResources(folder: string): number {
  const templates = fs.readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  return templates.reduce((sum, name) => {
    const template = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as { Resources?: Record<string, unknown> };
    return sum + Object.keys(template.Resources ?? {}).length;
  }, 0);
}
