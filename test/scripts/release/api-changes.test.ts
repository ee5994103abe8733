import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { breaksApi } from '../../../scripts/release/api-changes';

const root = mkdtempSync(path.join(tmpdir(), 'api-changes-'));
const AUTHOR = { name: 'a', roles: ['author'] };
const docs = { stability: 'experimental' };

beforeAll(() => {
  assembly('older', ['keep', 'gone']);
  assembly('newer', ['keep']);
  writeFileSync(path.join(root, 'meant'), '# nobody used it\nremoved:thing.A.gone\n');
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A jsii assembly with one class of these methods. */
function assembly(name: string, methods: readonly string[]): void {
  const folder = path.join(root, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'thing', version: '1.0.0', jsii: {} }));
  writeFileSync(path.join(folder, '.jsii'), JSON.stringify({
    schema: 'jsii/0.10.0', name: 'thing', version: '1.0.0', description: 'd', homepage: 'h', license: 'MIT', author: AUTHOR, jsiiVersion: '6',
    repository: { type: 'git', url: 'u' }, fingerprint: '*', targets: { js: { npm: 'thing' } },
    types: {
      'thing.A': {
        assembly: 'thing', fqn: 'thing.A', kind: 'class', name: 'A', docs, initializer: { docs },
        methods: methods.map((method) => ({ name: method, docs })),
      },
    },
  }));
}

function compare(older: string, newer: string, ignored = 'none'): boolean {
  return breaksApi(path.join(root, older), path.join(root, newer), path.join(root, ignored));
}

test('a method that is gone breaks the API, although it is experimental', () => {
  expect(compare('older', 'newer')).toBe(true);
});

test('a break that .compatignore names is meant', () => {
  expect(compare('older', 'newer', 'meant')).toBe(false);
});

test('a new method breaks nothing', () => {
  expect(compare('newer', 'older')).toBe(false);
});

test('fails when an API cannot be read', () => {
  expect(() => compare('nothing', 'newer')).toThrow(/could not compare/);
});
