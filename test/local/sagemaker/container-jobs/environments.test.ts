import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { JobEnvironments, type JobEnvironmentOptions } from '../../../../local/sagemaker/container-job/environments';

const BUILT = '000000000000.dkr.ecr.us-east-1.amazonaws.com/own:1';
const SCIKIT_LEARN = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3';
const PYTORCH = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.8.0-cpu-py312-ubuntu22.04-sagemaker';
const OTHER = '763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-training-neuronx:1';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'environments-'));
const { PIP_INDEX_URL } = process.env;
/** Virtual environments with a module each, which says whose it is. */
const venvs = Object.fromEntries(['built', 'own', 'experiments'].map((name) => [name, path.join(root, name)]));

beforeAll(() => {
  for (const [name, venv] of Object.entries(venvs)) {
    execFileSync('python3', ['-m', 'venv', '--without-pip', venv]);
    fs.writeFileSync(path.join(packagesOf(path.join(venv, 'bin', 'python')), 'whose.py'), `print('${name}')\n`);
  }
});
afterEach(() => {
  if (PIP_INDEX_URL === undefined) {
    delete process.env.PIP_INDEX_URL;
  } else {
    process.env.PIP_INDEX_URL = PIP_INDEX_URL;
  }
});
afterAll(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

function packagesOf(python: string): string {
  return execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], { encoding: 'utf8' }).trim();
}

function job(): string {
  return fs.mkdtempSync(path.join(root, 'job-'));
}

async function environment(
  image: string, folder: string, change: Partial<JobEnvironmentOptions> = {},
): Promise<Readonly<Record<string, string | undefined>>> {
  const { built, own = '', experiments } = venvs;
  return new JobEnvironments({
    built: (uri) => (uri === BUILT ? built : undefined), own, experiments, pipCache: '/shared/pip',
    variables: (searchPath) => ({ PATH: `${searchPath}:${process.env.PATH ?? ''}`, AWS_REGION: 'us-east-1' }), ...change,
  }).of(image, folder);
}

async function run(program: string, image: string, folder = job(), change: Partial<JobEnvironmentOptions> = {}): Promise<string> {
  const env = await environment(image, folder, change);
  return execFileSync('python3', ['-c', program], { env: { ...env }, encoding: 'utf8' }).trim();
}

test.each([
  ['an image that was built here has its own packages', BUILT, 'built'],
  ['AWS\'s container of scikit-learn has those of experiments', SCIKIT_LEARN, 'experiments'],
  ['AWS\'s container of PyTorch has those of experiments', PYTORCH, 'experiments'],
  ['any other image has the emulator\'s', OTHER, 'own'],
])('%s', async (_what, image, whose) => {
  expect(await run('import whose', image)).toBe(whose);
});

test('without the packages of experiments, AWS\'s containers have the emulator\'s', async () => {
  expect(await run('import whose', SCIKIT_LEARN, job(), { experiments: undefined })).toBe('own');
});

test('what a job installs goes into its own folder, and hides what the image has', async () => {
  const folder = job();
  const packages = await run('import sysconfig; print(sysconfig.get_path("purelib"))', PYTORCH, folder);
  expect(packages.startsWith(fs.realpathSync(folder) + path.sep) || packages.startsWith(folder + path.sep)).toBe(true);
  fs.writeFileSync(path.join(packages, 'whose.py'), 'print("the job")\n');
  expect(execFileSync(path.join(folder, '.venv', 'bin', 'python3'), ['-c', 'import whose'], { encoding: 'utf8' }).trim()).toBe('the job');
  expect(await run('import whose', PYTORCH)).toBe('experiments');
});

test('its variables are those of the cloud, with the user\'s settings of pip and the shared cache', async () => {
  process.env.PIP_INDEX_URL = 'https://mirror.example/simple';
  expect(await environment(PYTORCH, job())).toMatchObject({
    AWS_REGION: 'us-east-1', PIP_INDEX_URL: 'https://mirror.example/simple', PIP_CACHE_DIR: '/shared/pip',
  });
});

test('fails when Python cannot make one, and says from what', async () => {
  const broken = path.join(root, 'broken');
  fs.mkdirSync(path.join(broken, 'bin'), { recursive: true });
  fs.writeFileSync(path.join(broken, 'bin', 'python'), '#!/bin/sh\necho no module named venv\nexit 1\n', { mode: 0o755 });
  await expect(environment(OTHER, job(), { own: broken })).rejects.toThrow(`the environment of the job could not be made from ${broken}: no module named venv`);
});
