import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

interface Case { readonly name: string; readonly rule: string; readonly file: string; readonly code?: string }

const IMPORTS = '@typescript-eslint/no-restricted-imports';

/** Each breaks one rule; `file` decides which arrows hold. */
const BREAKING: Case[] = [
  ...['bin/probe.ts', 'probe.mjs'].flatMap((file): Case[] => [
    {
      name: `a line of more than 140 columns in ${file}`,
      rule: '@stylistic/max-len',
      file,
      code: `export const sum = 1${' + 1'.repeat(40)};\n`,
    },
    {
      name: `two statements a line in ${file}`,
      rule: '@stylistic/max-statements-per-line',
      file,
      code: 'if (process.pid > 1) { process.exit(); }\n',
    },
    {
      name: `a nested ternary in ${file}`,
      rule: 'no-nested-ternary',
      file,
      code: 'export const x = process.pid > 1 ? 1 : process.pid < 1 ? 2 : 3;\n',
    },
  ]),
  {
    name: 'a floating promise',
    rule: '@typescript-eslint/no-floating-promises',
    file: 'test/lint/fixtures/typed/floating-promise.ts',
  },
  { name: 'an any', rule: '@typescript-eslint/no-explicit-any', file: 'lib/probe.ts', code: 'export const x: any = 1;\n' },
  {
    name: 'an optional prop without @default',
    rule: 'jsdoc/no-restricted-syntax',
    file: 'lib/probe.ts',
    code: '/** Props. */\nexport interface FooProps {\n  /** A name. */\n  readonly name?: string;\n}\n',
  },
  {
    name: 'a prop without a docstring',
    rule: 'jsdoc/require-jsdoc',
    file: 'lib/probe.ts',
    code: '/** Props. */\nexport interface FooProps {\n  readonly name: string;\n}\n',
  },
  {
    name: 'a parameter of a public constructor without a name',
    rule: 'no-restricted-syntax',
    file: 'lib/probe.ts',
    code: '/** Foo. */\nexport class Foo {\n  public constructor({ name }: { name: string }) {\n    this.name = name;\n  }\n\n  /** Name. */\n  public readonly name: string;\n}\n',
  },
  {
    name: 'a prop that can be written',
    rule: 'no-restricted-syntax',
    file: 'lib/probe.ts',
    code: '/** Props. */\nexport interface FooProps {\n  /** A name. */\n  name: string;\n}\n',
  },
];

const FOUNDATION = ['lib/model', 'lib/identity', 'lib/capture', 'lib/jobs', 'lib/images'];
const CLOUD_SIDE = ['lib/endpoint', 'lib/experiments'];
const ROOMS = [
  ...FOUNDATION, ...CLOUD_SIDE, 'lib/agent', 'lib/edge-manager', 'lib/greengrass', 'lib/device', 'lib/health', 'lib/handlers',
];
const GROUND = ['lib/private', 'lib/private/archive', 'lib/private/nag'];
/** The parts of rooms' private parts. */
const LOAD_TEST = 'lib/endpoint/private/load-test';
const EXPERIMENTS = ['pipeline', 'studio', 'tracking'].map((part) => `lib/experiments/private/${part}`);
const LIB = ['lib', ...GROUND, ...ROOMS, ...ROOMS.map(privateOf), LOAD_TEST, ...EXPERIMENTS];
const BESIDE = ['lambda/jobs', 'agent', 'local', 'bin', 'bench', 'test', 'examples/import'];
const PUBLIC = ROOMS.filter((room) => room !== 'lib/jobs' && room !== 'lib/images');

function privateOf(room: string): string {
  return `${room}/private`;
}

/** The rooms that know devices may know: neither the cloud side, nor `names`. */
function below(...names: string[]): string[] {
  return ROOMS.filter((name) => !CLOUD_SIDE.includes(name) && !names.includes(name));
}

/** A room, its private part and that one's parts: what they may import of lib is the same. */
function room(
  name: string, peers: readonly string[], lower: readonly string[], parts: readonly string[] = [],
): Record<string, { readonly values: readonly string[] }> {
  const partsBelow = lower.includes('lib/endpoint') ? [LOAD_TEST] : [];
  const values = [...GROUND, ...peers, name, privateOf(name), ...parts, ...lower.flatMap((each) => [each, privateOf(each)]), ...partsBelow];
  return Object.fromEntries([name, privateOf(name), ...parts].map((folder) => [folder, { values }]));
}

/** What each folder may import: the arrows of CONTRIBUTING.md, from their other end. */
const ARROWS: Readonly<Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>> = {
  lib: { values: LIB },
  ...Object.fromEntries(GROUND.map((folder) => [folder, { values: GROUND }])),
  ...Object.fromEntries(FOUNDATION.flatMap((name) => Object.entries(room(name, FOUNDATION, [])))),
  ...room('lib/agent', [], FOUNDATION),
  ...room('lib/endpoint', [], FOUNDATION, [LOAD_TEST]),
  ...room('lib/edge-manager', [], [...FOUNDATION, 'lib/agent']),
  ...room('lib/greengrass', [], [...FOUNDATION, 'lib/agent']),
  ...room('lib/experiments', [], [...FOUNDATION, 'lib/endpoint'], EXPERIMENTS),
  ...room('lib/device', [], below('lib/device', 'lib/health', 'lib/handlers')),
  ...room('lib/health', [], below('lib/health', 'lib/handlers')),
  ...room('lib/handlers', [], below('lib/handlers')),
  'lambda/jobs': { values: ['lambda/jobs'], types: LIB },
  agent: { values: ['agent'], types: LIB },
  bin: { values: ['bin', 'lib', ...PUBLIC] },
  'examples/import': { values: ['examples/import', 'bin', 'lib', ...PUBLIC] },
};

/** An import of one file of `to`. */
interface Import { readonly to: string; readonly types: boolean; readonly passes: boolean }

/** Each import of one folder by another, and whether it passes. */
const IMPORTED = new Map<string, Import[]>(Object.entries(ARROWS).map(([from, { values, types = [] }]) => [
  from, [...LIB, ...BESIDE].filter((to) => to !== from && to !== 'lib').flatMap((to) => [
    { to: `${to}/target`, types: false, passes: values.includes(to) },
    { to: `${to}/target`, types: true, passes: values.includes(to) || types.includes(to) },
  ]),
]));

/** The one file of lib that the agent runs, too. */
IMPORTED.get('agent')?.push({ to: 'lib/private/placeholders', types: false, passes: true });

/** What a stand-in may import of the other parts of local/. */
const STAND_INS: Readonly<Record<string, readonly string[]>> = {
  service: [], sagemaker: ['service', 'cloud'], greengrass: ['service', 'nucleus'], iot: ['service'], iam: ['service'], scaling: ['service'],
  containers: ['service', 'cloud', 'sagemaker'], codecommit: ['service'], states: ['service'],
  alarms: ['service', 'health'],
};
const LOCAL = [
  'alarms', 'bridge', 'cloud', 'codecommit', 'containers', 'device', 'greengrass', 'health', 'iam', 'iot', 'nucleus', 'page', 'sagemaker', 'scaling', 'service',
  'states',
];
for (const [from, allowed] of Object.entries(STAND_INS)) {
  IMPORTED.set(`local/${from}`, LOCAL.filter((part) => part !== from).flatMap((to) => [false, true].map((types) => (
    { to: `local/${to}/target`, types, passes: allowed.includes(to) }
  ))));
}

/** All imports of a folder in one file, one a line: a linter's start costs more than its work. */
function importing(from: string, imports: readonly Import[]): Case {
  const lines = imports.map(({ to, types }, index) => {
    const target = path.posix.relative(from, to);
    const specifier = target.startsWith('.') ? target : `./${target}`;
    return `import ${types ? 'type ' : ''}{ x as x${index} } from '${specifier}';\n`;
  });
  return { name: from, rule: IMPORTS, file: `${from}/probe.ts`, code: lines.join('') };
}

function described({ to, types }: Import): string {
  return `${types ? 'types' : 'values'} of ${path.posix.dirname(to)}`;
}

describe('the lint rules', () => {
  let found: { ruleId: string; line: number }[][];

  const probes = [...BREAKING, ...[...IMPORTED].map(([from, imports]) => importing(from, imports))];

  beforeAll(() => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', path.join(__dirname, 'run.ts')], {
      cwd: path.join(__dirname, '..', '..'), input: JSON.stringify(probes), encoding: 'utf8',
    });
    if (run.status !== 0) {
      throw new Error(run.stderr);
    }
    found = JSON.parse(run.stdout) as typeof found;
  }, 120_000);

  test.each(BREAKING.map((breaking, index) => ({ ...breaking, index })))('bite at $name', ({ rule, index }) => {
    expect(found[index]?.map(({ ruleId }) => ruleId)).toContain(rule);
  });

  const folders = [...IMPORTED].map(([from, imports], index) => ({ from, imports, index }));
  test.each(folders)('keep to the arrows of $from', ({ imports, index }) => {
    const refused = new Set(found[BREAKING.length + index]?.map(({ line }) => line - 1));
    const wanted = imports.filter(({ passes }) => !passes).map(described);
    expect(imports.filter((_import, line) => refused.has(line)).map(described)).toEqual(wanted);
  });

  test('bite at a cycle of imports', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cycle-'));
    writeFileSync(path.join(folder, 'a.ts'), "import { b } from './b';\nexport const a = (): number => b();\n");
    writeFileSync(path.join(folder, 'b.ts'), "import { a } from './a';\nexport const b = (): number => a();\n");
    const root = path.join(__dirname, '..', '..');
    const oxlint = path.join(root, 'node_modules', '.bin', 'oxlint');
    const { status, stdout } = spawnSync(oxlint, ['--config', path.join(root, '.oxlintrc.json'), folder], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stdout).toContain('import(no-cycle)');
  });

  test('every folder of local is among those that stand-ins are kept from', () => {
    const folders = readdirSync(path.join(__dirname, '..', '..', 'local'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.sort()).toEqual(LOCAL);
  });

  test('every folder of lib has its arrows in this test', () => {
    const lib = path.join(__dirname, '..', '..', 'lib');
    const folders = readdirSync(lib, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.posix.join('lib', path.relative(lib, entry.parentPath), entry.name));
    expect(Object.keys(ARROWS)).toEqual(expect.arrayContaining(folders));
  });
});
