import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../../agent/config/reader';
import { readNpy, writeNpy } from '../../../agent/client/npy';
import { agentBundle, AgentProcess, filesBelow, scratchFolder } from '../support/agent-process';
import { identityModel, writePackage } from '../support/models';
import { KEYS, RECOGNISER } from '../../ocr-models';
import { drawText } from '../../../local/cloud/picture';
import { asBmp } from '../support/picture';

jest.setTimeout(60_000); // processes of their own, on a busy machine

const folder = scratchFolder();
const WORDS = 'Edge agent 42';
let agent: AgentProcess;

beforeAll(async () => {
  agent = await AgentProcess.start({ folder });
  writePackage(join(folder, 'recogniser'), RECOGNISER);
  writePackage(join(folder, 'identity'), identityModel('float32', [1, 4, 4, 3]), { name: 'identity' });
  const png = await drawText(WORDS, 'png');
  writeFileSync(join(folder, 'text.png'), png);
  writeFileSync(join(folder, 'text.bmp'), await asBmp(png));
  writeFileSync(join(folder, 'text.jpg'), await drawText(WORDS, 'jpeg'));
}, 60_000);
afterAll(() => agent.stop());

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function client(...args: string[]): Promise<Result> {
  return new Promise((done) => {
    execFile(process.execPath, [join(agentBundle(), 'agent-client.js'), '-a', agent.socketPath, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function json({ stdout, stderr }: Result): Record<string, unknown> {
  const parsed: unknown = stdout === '' ? stderr : JSON.parse(stdout);
  return isRecord(parsed) ? parsed : { parsed };
}

const READ = ['--decode', 'ctc', '--keys', KEYS];

it('loads, lists, describes and unloads', async () => {
  expect(json(await client('LoadModel', 'identity', 'id', '--json'))).toMatchObject({ models: [{ name: 'id', url: join(folder, 'identity'), inputs: [{ name: 'x', dataType: 'FLOAT32', shape: [1, 4, 4, 3] }] }] });
  expect((await client('ListModels')).stdout).toBe(`id  ${join(folder, 'identity')}\n`);
  expect((await client('DescribeModel', 'id')).stdout).toContain('  in   x FLOAT32 [1, 4, 4, 3]\n');
  expect((await client('UnLoadModel', 'id')).stdout).toBe('id is unloaded\n');
});

describe('the text recogniser', () => {
  beforeAll(() => client('LoadModel', 'recogniser', 'rec'), 30_000);

  it.each(['text.png', 'text.bmp', 'text.jpg'])('reads %s, with nothing installed beside the client', async (file) => {
    const { stdout, stderr } = await client('Predict', 'rec', file, ...READ);
    expect(`${stdout}${stderr}`).toMatch(new RegExp(`^text {8}${WORDS}\n`));
  });

  it('is predicted and captured, and the client waits for the upload', async () => {
    const result = json(await client('PredictAndCapture', 'rec', 'text.png', ...READ, '--wait', '20', '--json'));
    expect(result).toMatchObject({ text: WORDS, captureStatus: 'SUCCESS' });
    expect(filesBelow(join(folder, 'disk')).filter((file) => file.includes(String(result.captureId)))).toHaveLength(3);
    expect((await client('CaptureStatus', String(result.captureId))).stdout).toBe('SUCCESS\n');
  });
});

describe('inputs', () => {
  beforeAll(() => client('LoadModel', 'identity', 'pixels'), 30_000);

  it('an image is brought to the shape, layout and range of the tensor', async () => {
    const result = await client('Predict', 'pixels', 'text.png', '--out', 'out', '--json');
    expect(json(result)).toMatchObject({ outputs: [{ name: 'y', type: 'float32', shape: [1, 4, 4, 3], max: 1 }] });
    const { shape, data } = readNpy(readFileSync(join(folder, 'out/0-y.npy')));
    expect([shape, data.length]).toEqual([[1, 4, 4, 3], 192]);
    expect(data.readFloatLE(0)).toBe(data.readFloatLE(4)); // grey: red as green
    const scaled = json(await client('Predict', 'pixels', 'text.bmp', '--mean', '0.5', '--std', '0.25', '--json'));
    expect(scaled).toMatchObject({ outputs: [{ max: 2 }] });
  });

  it('a .npy file and raw bytes are tensors as they are', async () => {
    const values = Float32Array.from({ length: 48 }, (_, index) => index);
    const data = Buffer.from(values.buffer);
    writeFileSync(join(folder, 'tensor.npy'), writeNpy({ type: 'float32', shape: [1, 4, 4, 3], data }));
    writeFileSync(join(folder, 'tensor.raw'), data);
    for (const args of [['tensor.npy'], ['tensor.raw'], ['--input', 'x=tensor.raw']]) {
      expect(json(await client('Predict', 'pixels', ...args, '--json'))).toMatchObject({ outputs: [{ argmax: 47, min: 0, max: 47, values: [...values] }] });
    }
  });

  it('the words of AWS\'s sample client are understood', async () => {
    const outputs = [{ shape: [1, 4, 4, 3] }];
    expect(json(await client('Predict', 'pixels', 'text.bmp', 'x', 'NHWC', '1', '4', '4', '3', '--json'))).toMatchObject({ outputs });
    expect((await client('Predict', 'pixels', 'text.bmp', 'x', '4', '4', '3')).stderr).toMatch(/INVALID_ARGUMENT: input x: wanted shape \[1, 4, 4, 3\], got \[1, 3, 4, 4\]/);
  });
});

describe('a failure', () => {
  it('of the agent is printed with its code', async () => {
    expect(await client('UnLoadModel', 'none')).toEqual({ code: 1, stdout: '', stderr: 'NOT_FOUND: no model named "none" is loaded\n' });
  });

  it.each([
    [[], /wanted a verb, got nothing/],
    [['Fly'], /wanted a verb, got Fly/],
    [['LoadModel', 'x'], /LoadModel: wanted 2 argument\(s\), got 1/],
    [['Predict', 'x'], /wanted a model and at least one file/],
    [['Predict', 'x', 'y', '--decode', 'ctc'], /--decode ctc: wanted --keys <file>, got none/],
    [['Predict', 'x', 'y', '--layout', 'CHW'], /--layout: wanted NCHW or NHWC, got CHW/],
    [['ListModels', '--nope'], /Unknown option '--nope'/],
  ])('of usage %j says what was wanted, with code 2', async (args, wanted) => {
    const { code, stderr } = await client(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(wanted);
    expect(stderr).toContain('usage: node agent-client.js');
  });
});
