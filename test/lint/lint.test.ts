import { spawnSync } from 'node:child_process';
import * as path from 'node:path';

interface Case { readonly name: string; readonly rule: string; readonly file: string; readonly code?: string }

const IMPORTS = '@typescript-eslint/no-restricted-imports';

/** Each breaks one rule; `file` decides which arrows hold. */
const BREAKING: Case[] = [
  { name: 'lib imports a handler', rule: IMPORTS, file: 'lib/private/probe.ts', code: "import { x } from '../../lambda/jobs/index';\nexport const y = x;\n" },
  { name: 'the foundation imports a delivery', rule: IMPORTS, file: 'lib/model/probe.ts', code: "import { x } from '../edge-manager/device';\nexport const y = x;\n" },
  { name: 'the foundation imports the device layer', rule: IMPORTS, file: 'lib/identity/probe.ts', code: "import type { X } from '../device/simulated-device';\nexport type Y = X;\n" },
  { name: 'edge-manager imports greengrass', rule: IMPORTS, file: 'lib/edge-manager/probe.ts', code: "import { x } from '../greengrass/component';\nexport const y = x;\n" },
  { name: 'greengrass imports edge-manager', rule: IMPORTS, file: 'lib/greengrass/probe.ts', code: "import { x } from '../edge-manager/device';\nexport const y = x;\n" },
  { name: 'the library imports the local cloud', rule: IMPORTS, file: 'lib/device/probe.ts', code: "import { x } from '../../local/main';\nexport const y = x;\n" },
  { name: 'a handler imports a value of lib', rule: IMPORTS, file: 'lambda/probe/probe.ts', code: "import { x } from '../../lib/private/naming';\nexport const y = x;\n" },
  { name: 'the agent imports a value of lib', rule: IMPORTS, file: 'agent/probe.ts', code: "import { x } from '../lib/private/naming';\nexport const y = x;\n" },
  { name: 'the sample app reaches into private', rule: IMPORTS, file: 'bin/probe.ts', code: "import { x } from '../lib/private/naming';\nexport const y = x;\n" },
  { name: 'a cycle of imports', rule: 'import-x/no-cycle', file: 'test/lint/fixtures/cycle-a.ts' },
  { name: 'a floating promise', rule: '@typescript-eslint/no-floating-promises', file: 'lib/private/validation.ts', code: 'Promise.resolve(1);\n' },
  { name: 'an any', rule: '@typescript-eslint/no-explicit-any', file: 'lib/probe.ts', code: 'export const x: any = 1;\n' },
  { name: 'an optional prop without @default', rule: 'jsdoc/no-restricted-syntax', file: 'lib/probe.ts', code: '/** Props. */\nexport interface FooProps {\n  /** A name. */\n  readonly name?: string;\n}\n' },
  { name: 'a prop without a docstring', rule: 'jsdoc/require-jsdoc', file: 'lib/probe.ts', code: '/** Props. */\nexport interface FooProps {\n  readonly name: string;\n}\n' },
  { name: 'a prop that can be written', rule: 'no-restricted-syntax', file: 'lib/probe.ts', code: '/** Props. */\nexport interface FooProps {\n  /** A name. */\n  name: string;\n}\n' },
];

/** Each is allowed, close as it is to a broken one. */
const ALLOWED: Case[] = [
  { name: 'a handler imports a type of lib', rule: IMPORTS, file: 'lambda/probe/probe.ts', code: "import type { X } from '../../lib/private/job-contract';\nexport type Y = X;\n" },
  { name: 'a delivery imports the foundation', rule: IMPORTS, file: 'lib/edge-manager/probe.ts', code: "import { x } from '../identity/thing';\nexport const y = x;\n" },
  { name: 'the device layer imports a delivery', rule: IMPORTS, file: 'lib/device/probe.ts', code: "import { x } from '../greengrass/component';\nexport const y = x;\n" },
];

describe('the lint rules', () => {
  let found: { ruleId: string; message: string }[][];

  beforeAll(() => {
    const run = spawnSync(process.execPath, [path.join(__dirname, 'run.mjs')], {
      cwd: path.join(__dirname, '..', '..'), input: JSON.stringify([...BREAKING, ...ALLOWED]), encoding: 'utf8',
    });
    if (run.status !== 0) { throw new Error(run.stderr); }
    found = JSON.parse(run.stdout) as typeof found;
  }, 120_000);

  test.each(BREAKING.map((breaking, index) => ({ ...breaking, index })))('bite at $name', ({ rule, index }) => {
    expect(found[index]?.map(({ ruleId }) => ruleId)).toContain(rule);
  });

  test.each(ALLOWED.map((allowed, index) => ({ ...allowed, index })))('let $name pass', ({ index }) => {
    expect(found[BREAKING.length + index]).toEqual([]);
  });
});
