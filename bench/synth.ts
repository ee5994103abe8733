import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { inTurn, type Row } from './row';
import { timeProcess } from './processes';

const TSX = path.join('node_modules', '.bin', 'tsx');
const NO_VALIDATION = { CDK_VALIDATION: 'false' }; // one second of schema checks in both would hide the difference

/** Synth of the sample against an empty app, and with many devices against one. */
export async function benchSynth(): Promise<Row[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-sagemaker-edge-bench-'));
  const synth = (app: string, env: Record<string, string> = {}) =>
    timeProcess(TSX, [path.join('bench', 'apps', `${app}.ts`)], { ...NO_VALIDATION, CDK_OUTDIR: path.join(folder, `${app}${env.DEVICES ?? ''}`), ...env });
  try {
    const rows: Row[] = [];
    for (const delivery of ['direct', 'edge-manager', 'greengrass']) {
      const { ratio, a, b } = await inTurn(5, () => synth('sample', { DELIVERY: delivery }), () => synth('empty'));
      rows.push({ what: `synth of the sample (${delivery}) ÷ an empty app`, ratio, goal: 1.3, detail: `${a.toFixed(0)} ms ÷ ${b.toFixed(0)} ms` });
    }
    for (const devices of ['10', '100']) {
      const { ratio, a } = await inTurn(3, () => synth('fleet', { DEVICES: devices }), () => synth('fleet', { DEVICES: '1' }));
      const resources = countResources(path.join(folder, `fleet${devices}`));
      const few = countResources(path.join(folder, 'fleet1'));
      rows.push({ what: `synth of a fleet of ${devices} devices ÷ of 1`, ratio, detail: `${a.toFixed(0)} ms; ${resources} resources against ${few}` });
    }
    return rows;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function countResources(folder: string): number {
  const templates = fs.readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  return templates.reduce((sum, name) => {
    const template = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as { Resources?: Record<string, unknown> };
    return sum + Object.keys(template.Resources ?? {}).length;
  }, 0);
}
