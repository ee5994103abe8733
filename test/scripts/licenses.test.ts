import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { licensesOf, licensesPage, packageFolder } from '../../scripts/licenses';

const root = mkdtempSync(path.join(tmpdir(), 'licenses-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function packageOf(name: string, license: string, files: Readonly<Record<string, string>>, version = '1.0.0'): string {
  const folder = path.join(mkdtempSync(path.join(root, 'p-')), 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version, license }));
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

test('a bundled file belongs to the innermost package around it, and a file of this repository to none', () => {
  expect(packageFolder('node_modules/a/node_modules/@scope/b/dist/index.js')).toBe('node_modules/a/node_modules/@scope/b');
  expect(packageFolder('agent/main.ts')).toBeUndefined();
});

test('a text that several packages share is there once, after their names', () => {
  const page = licensesPage(licensesOf([packageOf('a', 'MIT', { LICENSE: 'Be kind.\n' }), packageOf('b', 'MIT', { 'license.md': 'Be kind.\r\n' })]));
  expect(page).toContain('a 1.0.0 (MIT)\nb 1.0.0 (MIT)\n\nBe kind.\n');
  expect(page.split('Be kind.')).toHaveLength(2);
});

test('a NOTICE is passed on beside the licence', () => {
  const [licensed] = licensesOf([packageOf('a', 'Apache-2.0', { LICENSE: 'text', NOTICE: 'made by us' })]);
  expect(licensed?.texts).toEqual(['text', 'made by us']);
});

test('two versions of a package are both named', () => {
  const folders = [packageOf('a', 'MIT', { LICENSE: 'x' }, '1.0.0'), packageOf('a', 'MIT', { LICENSE: 'x' }, '2.0.0')];
  expect(licensesOf(folders).map(({ version }) => version)).toEqual(['1.0.0', '2.0.0']);
});

test('one allowed licence of a choice is enough', () => {
  expect(licensesOf([packageOf('a', '(MIT OR GPL-3.0-only)', { LICENSE: 'x' })])).toHaveLength(1);
});

test('a package of the SDK without a text has that of the SDK', () => {
  const [licensed] = licensesOf([packageOf('@aws-sdk/core', 'Apache-2.0', {})]);
  expect(licensed?.texts).toEqual([readFileSync('node_modules/@aws-sdk/client-s3/LICENSE', 'utf8')]);
});

test('the runtime of protobuf has the notices of both of its owners, from its own files', () => {
  const [licensed] = licensesOf(['node_modules/@bufbuild/protobuf']);
  expect(licensed?.texts.join('\n')).toMatch(/Copyright [\d-]+ Buf Technologies[\s\S]*Copyright 2008 Google[\s\S]*Apache License/);
});

describe('fails when', () => {
  test.each(['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'SEE LICENSE IN LICENSE', ''])("a licence is '%s'", (license) => {
    expect(() => licensesOf([packageOf('a', license, { LICENSE: 'x' })])).toThrow(`has the licence '${license}', which is none of 0BSD, Apache-2.0`);
  });

  test.each<Record<string, string>>([{}, { LICENSE: ' \n' }, { NOTICE: 'made by us' }])('a package has no licence text but %p', (files) => {
    expect(() => licensesOf([packageOf('a', 'MIT', files)])).toThrow(/a 1\.0\.0 .* has no licence text/);
  });

  test('several are wrong, and names each', () => {
    const folders = [packageOf('a', 'MIT', {}), packageOf('b', 'GPL-2.0-only', { LICENSE: 'x' })];
    expect(() => licensesOf(folders)).toThrow('a 1.0.0 ');
    expect(() => licensesOf(folders)).toThrow('b 1.0.0 ');
  });
});

test.each(['x64', 'arm64'])('the release of the agent for %s has the texts of what it contains', (arch) => {
  const zip = readFileSync(`assets/agent/agent-linux-${arch}.zip`); // stored, not compressed
  for (const text of ['THIRD-PARTY-LICENSES.txt', '@grpc/grpc-js ', '@aws-sdk/client-s3 ', 'onnxruntime-node ', 'THIRD PARTY SOFTWARE NOTICES']) {
    expect(zip.includes(text)).toBe(true);
  }
});
