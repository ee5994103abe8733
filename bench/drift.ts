// What drift is found, and how soon, by the project's text recogniser; and how often it is found where there is none. docs/drift.md has the
// table.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadSync } from 'opentype.js';
import sharp from 'sharp';
import { DriftCounts } from '../agent/drift/counts';
import { DriftFeatures, type Features } from '../agent/drift/features';
import { makeBaseline } from '../agent/drift/make-baseline';
import { distanceOf, scoreOf } from '../lib/model/private/drift-statistics';
import { AgentProcess, scratchFolder } from '../test/agent/support/agent-process';
import { IotServer } from '../test/agent/support/iot-server';
import { writePackage } from '../test/agent/support/models';
import { floats } from '../test/agent/support/tensors';
import { flagged } from '../test/agent/drift/simulation';
import { RECOGNISER } from '../test/ocr-models';
import { inTurn, type Row } from './row';

const [WIDTH, HEIGHT] = [320, 48];
const PIXELS = WIDTH * HEIGHT;
const SHAPE = [1, 3, HEIGHT, WIDTH];
const SAMPLES = 200;
const WINDOW = 100;
const KINDS = ['darker ×0.7', 'noise σ 25', 'blurred σ 2', 'small text', 'digits', 'inverted', 'rotated 4°'] as const;
type Kind = (typeof KINDS)[number] | 'as trained';
/** That nobody needs to find: the recogniser reads it as well as before. */
const UNSEEN: Kind = 'rotated 4°';
const WORDS = `agent amber anchor basket bridge camera canvas cedar copper desert device edge engine forest garden harbour island lemon market meadow
  model north orange packet pepper planet radar river sensor stone tensor thunder timber tunnel vector velvet winter`.split(/\s+/);
const TIMES = 60;
const MEBIBYTE = 2 ** 20;

/** The same pictures at each run. */
class Pictures {
  private state = 12_345;
  private readonly font = loadSync(path.join('node_modules', 'dejavu-fonts-ttf', 'ttf', 'DejaVuSans.ttf'));

  public async draw(kind: Kind): Promise<Float32Array> {
    const text = kind === 'digits' ? String(Math.floor(this.random() * 1e9)) : `${this.word()} ${this.word()}`;
    const turned = kind === 'rotated 4°' ? ' transform="rotate(4 160 24)"' : '';
    const outlines = this.font.getPath(text, 10 + this.random() * 4, 34, kind === 'small text' ? 16 : 28).toPathData(2);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><rect width="100%" height="100%" fill="white"/><path d="${outlines}"${turned}/></svg>`;
    const drawn = sharp(Buffer.from(svg)).removeAlpha();
    const pixels = await (kind === 'blurred σ 2' ? drawn.blur(2) : drawn).raw().toBuffer();
    const light = (0.95 + 0.05 * this.random()) * (kind === 'darker ×0.7' ? 0.7 : 1);
    const noise = kind === 'noise σ 25' ? 25 : 2;
    const values = new Float32Array(3 * PIXELS);
    for (let pixel = 0; pixel < PIXELS; pixel += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const lit = (pixels[pixel * 3 + channel] ?? 0) * light + (this.random() + this.random() + this.random() - 1.5) * noise * 2;
        const value = Math.min(255, Math.max(0, kind === 'inverted' ? 255 - lit : lit));
        values[channel * PIXELS + pixel] = value / 127.5 - 1;
      }
    }
    return values;
  }

  private word(): string {
    return WORDS[Math.floor(this.random() * WORDS.length)] ?? '';
  }

  private random(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state / 2 ** 32;
  }
}

export async function benchDrift(): Promise<Row[]> {
  const session = await InferenceSession.create(RECOGNISER, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const [input = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  const pictures = new Pictures();
  const features = new DriftFeatures();
  const predict = async (kind: Kind, times: number): Promise<Features[]> => {
    const all: Features[] = [];
    for (let time = 0; time < times; time += 1) {
      const values = await pictures.draw(kind);
      const { [output]: answer } = await session.run({ [input]: new Tensor('float32', values, SHAPE) });
      if (!(answer?.data instanceof Float32Array)) {
        throw new Error('the recogniser answers otherwise');
      }
      all.push(features.of([raw(values, SHAPE)], [raw(answer.data, answer.dims)]));
    }
    return all;
  };
  const baseline = makeBaseline(await predict('as trained', SAMPLES), '0'.repeat(64));
  const expected = Object.fromEntries(Object.entries(baseline.features).map(([name, { counts }]) => [name, counts]));
  const rows: Row[] = [];
  for (const kind of [...KINDS, 'as trained', 'as trained', 'as trained', 'as trained'] as const) {
    const counts = new DriftCounts({ id: '', features: baseline.features });
    (await predict(kind, WINDOW)).forEach((prediction) => {
      counts.predicted(prediction);
    });
    const found = counts.list().counts;
    const severity = scoreOf(expected, found)?.severity ?? 0;
    const beyond = Object.entries(found).map(([name, bins]) => ({ name, ...distanceOf(expected[name] ?? [], bins) }));
    const detail = beyond.map(({ name, psi, threshold }) => `${name} ${psi.toFixed(2)}${psi > threshold ? '!' : ''}`).join('  ');
    rows.push(kind === 'as trained' || kind === UNSEEN
      ? { what: `drift, ${kind}: PSI ÷ threshold of ${WINDOW} predictions`, ratio: severity, ...kind === UNSEEN ? {} : { goal: 1 }, detail }
      : { what: `drift, ${kind}: threshold ÷ PSI of ${WINDOW} predictions`, ratio: 1 / severity, goal: 1, detail });
  }
  await session.release();
  rows.push({ what: 'drift: flags in 10 000 clean windows of 100', ratio: flagged(10_000, { shift: 0, samples: SAMPLES }), goal: 1, unit: 'flags' });
  return [...rows, ...await benchCost(JSON.stringify({ ...baseline, modelSha256: digest() }))];
}

function raw(values: Float32Array, shape: readonly number[]) {
  return { name: '', type: 'float32' as const, shape, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function digest(): string {
  return createHash('sha256').update(fs.readFileSync(RECOGNISER)).digest('hex');
}

/** One agent with the recogniser twice: with a baseline and without. */
async function benchCost(baseline: string): Promise<Row[]> {
  const folder = scratchFolder();
  const iot = await IotServer.start();
  const agent = await AgentProcess.start({
    folder,
    config: {
      sagemaker_edge_provider_provider: 'Custom', sagemaker_edge_heartbeat_period_seconds: 0, sagemaker_edge_log_verbose: false,
      sagemaker_edge_core_iot_thing_name: 'bench', sagemaker_edge_health_rule: 'rule', sagemaker_edge_health_report_period_seconds: 60,
    },
    environment: iot.environment,
  });
  try {
    await agent.calls.loadModel('without', writePackage(path.join(folder, 'a'), RECOGNISER));
    const others = { 'drift-baseline.json': Buffer.from(baseline) };
    await agent.calls.loadModel('with', writePackage(path.join(folder, 'b'), RECOGNISER, { version: '2.0', others }));
    const picture = floats('x', SHAPE, [...await new Pictures().draw('as trained')]);
    const predict = (name: string) => async (): Promise<number> => {
      const start = performance.now();
      await agent.calls.predict(name, [picture]);
      return performance.now() - start;
    };
    await inTurn(10, predict('with'), predict('without')); // warm
    const { ratio, a, b } = await inTurn(TIMES, predict('with'), predict('without'));
    const [without = 0, withThem = 0] = childrenOf(agent.pid).map(residentBytes);
    return [
      { what: 'Predict of the recogniser with statistics ÷ without', ratio, goal: 1.03, detail: `${a.toFixed(2)} ms ÷ ${b.toFixed(2)} ms` },
      { what: 'memory of its process with statistics − without', ratio: (withThem - without) / MEBIBYTE, goal: 5, unit: 'MiB' },
    ];
  } finally {
    await agent.stop();
    await iot.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** In the order of their start. */
function childrenOf(pid: number): number[] {
  return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number).sort((a, b) => a - b);
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) * 1024;
}
