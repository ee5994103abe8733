import { execFile, type ExecFileException } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRecord } from '../../agent/config/reader';
import { parseConfig } from '../../agent/config/config';
import { drawText } from '../../local/cloud/picture';
import { agentBundle, AgentProcess, baseConfig, filesBelow, scratchFolder } from './support/agent-process';
import { writePackage } from './support/models';
import { KEYS, RECOGNISER } from '../ocr-models';

// docs/agent.md, run as it is written.

jest.setTimeout(60_000); // processes and threads of their own, on a busy machine

const PAGE = readFileSync(resolve('docs/agent.md'), 'utf8');
const folder = scratchFolder();
const model = join(folder, 'text-recogniser');
/** The models of the examples, by which the page shows the client. */
const EXAMPLES: Readonly<Record<string, string>> = { digits: 'image-classifier', shapes: 'detector', wines: 'scikit-learn' };
let agent: AgentProcess;

function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

beforeAll(async () => {
  writePackage(model, RECOGNISER);
  writeFileSync(join(folder, 'picture.png'), await drawText('edge bridge'));
  copyFileSync(KEYS, join(folder, 'ppocr_keys_v1.txt'));
  copyFileSync(resolve('agent/agent.proto'), join(folder, 'agent.proto'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  baseConfig(folder); // makes the folder with the roots
  const documented = (blocks('json')[0] ?? '').replaceAll(/\/etc\/edge-agent|\/var\/lib\/edge-agent|\/var\/lib\/models/g, folder);
  const config: unknown = JSON.parse(documented);
  const none = Object.fromEntries(Object.keys(baseConfig(folder)).map((key) => [key, undefined]));
  agent = await AgentProcess.start({ folder, config: { ...none, ...isRecord(config) ? config : {} } });
}, 60_000);
afterAll(() => agent.stop());

function run(program: string, args: readonly string[], cwd = folder): Promise<string> {
  return new Promise((done) => {
    const environment = { ...process.env, SOCKET: agent.socketPath };
    const options = { cwd, env: environment };
    execFile(process.execPath, [program, ...args], options, (error: ExecFileException | null, stdout, stderr) => {
      done(`${error === null ? '' : `ended with ${error.code ?? 'a signal'}: `}${stdout}${stderr}`);
    });
  });
}

it('the configuration starts an agent without a warning, with its model', async () => {
  await agent.waitForLog('Model:text-recogniser loaded!');
  expect(agent.stderr).not.toContain('"level":"warn"');
});

it('the program in JavaScript predicts and captures', async () => {
  await agent.waitForLog('Model:text-recogniser loaded!');
  writeFileSync(join(folder, 'program.mjs'), blocks('js')[0] ?? '');
  expect(await run('program.mjs', [])).toBe('softmax_11.tmp_0 [1, 40, 6625] 1060000 bytes\n');
  expect(filesBelow(join(folder, 'agent-data')).concat(filesBelow(join(folder, 'captures'))).join()).toMatch(/\.(spool|jsonl)/);
});

it('each command line does what it says', async () => {
  await agent.waitForLog('Model:text-recogniser loaded!');
  await agent.calls.unLoadModel('text-recogniser'); // the first line loads it
  for (const [name, example] of Object.entries(EXAMPLES)) {
    cpSync(resolve('examples', example), join(folder, name), { recursive: true });
    await agent.calls.loadModel(name, writePackage(join(folder, name, 'package'), resolve('examples', example, 'model.onnx'), { name }));
  }
  const lines = blocks('sh').flatMap((block) => block.split('\n')).filter((line) => line.startsWith('node agent-client.js'));
  const answers = [];
  for (const line of lines) {
    const words = line.replace(/ +#.*/, '').replace('/var/lib/models', folder).split(/ +/).slice(2);
    const args = words.map((word) => word === '$SOCKET' ? agent.socketPath : word);
    const example = words.find((word) => word in EXAMPLES) ?? '';
    answers.push(await run(join(agentBundle(), 'agent-client.js'), args, join(folder, example)));
  }
  expect(answers).toEqual([
    expect.stringMatching(/^text-recogniser {2}\//),
    expect.stringMatching(/^text {8}edge bridge\n/),
    expect.stringMatching(/"captureStatus":"SUCCESS"/),
    expect.stringMatching(/^text-recogniser {2}\//m),
    expect.stringContaining(documentedAnswer('item 0')),
    expect.stringContaining(documentedAnswer('1.000')),
    expect.stringMatching(/^1000 more: p50 [\d.]+ ms  p90 [\d.]+ ms  p99 [\d.]+ ms  [\d.]+ predictions\/s$/m),
    expect.stringMatching(/^[A-Z-]+: .+\n\nDevice .+, model wines: [\s\S]*^ +2 +2 +[\d.,]+ [\s\S]*^highest TPS of the device /m),
  ]);
}, 60_000);

/** What the page shows that a command prints. */
function documentedAnswer(start: string): string {
  const answer = blocks('text').find((block) => block.startsWith(start));
  if (answer === undefined) {
    throw new Error(`docs/agent.md has no answer that starts with '${start}'`);
  }
  return answer;
}


describe('the table of keys', () => {
  const table = PAGE.slice(PAGE.indexOf('| key | default |'), PAGE.indexOf('## Stopping'));
  const documented = [...table.matchAll(/`([a-z0-9_]{5,})`/g)].map(([, key = '']) => key).filter((key) => key.includes('_') || key === 'models');

  it('names no key that the agent does not know', () => {
    const base = baseConfig(folder);
    const others = documented.map((key) => `sagemaker_edge_${key}`).filter((key) => !(key in base));
    const config = { ...base, sagemaker_edge_bogus: 1, ...Object.fromEntries(others.map((key) => [key, undefined])) };
    const { warnings } = parseConfig(config, folder, {});
    expect(warnings.filter((warning) => warning.endsWith('unknown key'))).toEqual(['sagemaker_edge_bogus: unknown key']);
  });

  it('names every key that the agent reads', () => {
    const source = readFileSync(resolve('agent/config/config.ts'), 'utf8');
    const read = [...source.matchAll(/reader\.(?:\w+)\('([a-z0-9_]+)'/g)].map(([, key = '']) => key);
    expect(read.length).toBeGreaterThan(25);
    const missing = [...new Set(read)].filter((key) => !documented.includes(key));
    expect(missing.filter((key) => key !== 'core_capture_data_periodic_upload_period_seconds')).toEqual([]);
  });
});
