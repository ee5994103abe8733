import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { PACKAGE_MAX_BYTES, PACKAGE_MAX_ENTRIES, unpack } from '../../../agent/bootstrap/archive';
import { MANIFEST_MAX_BYTES, MODEL_MAX_BYTES, MODEL_MAX_FILES } from '../../../lib/model/private/size-limits';

let folder: string;
let target: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'archive-'));
  target = path.join(folder, 'out');
  fs.mkdirSync(target);
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

const read = (name: string): string => fs.readFileSync(path.join(target, name), 'utf8');

async function tarGz(entries: readonly (Partial<Header> & { name: string; content?: string })[]): Promise<string> {
  const tar = pack();
  for (const { content, ...header } of entries) {
    tar.entry(header, content ?? '');
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) {
    if (Buffer.isBuffer(chunk)) {
      chunks.push(chunk);
    }
  }
  const file = path.join(folder, 'a.tar.gz');
  fs.writeFileSync(file, gzipSync(Buffer.concat(chunks)));
  return file;
}

/** Made by the zip command, so that the reader meets an archive of somebody else's. */
function zip(...options: string[]): string {
  const source = path.join(folder, 'source');
  fs.mkdirSync(path.join(source, 'lib'), { recursive: true });
  fs.writeFileSync(path.join(source, 'agent.js'), 'run();'.repeat(1000));
  fs.writeFileSync(path.join(source, 'lib', 'native.node'), 'binary');
  fs.writeFileSync(path.join(source, 'empty'), '');
  fs.symlinkSync('/etc/passwd', path.join(source, 'link'));
  execFileSync('zip', ['-q', '-r', ...options, '../a.zip', '.', ...options.includes('-y') ? [] : ['-x', 'link']], { cwd: source });
  return path.join(folder, 'a.zip');
}

test('a tar.gz is unpacked, folders included', async () => {
  await unpack(await tarGz([{ name: './', type: 'directory' }, { name: './a/', type: 'directory' }, { name: './a/b.txt', content: 'b' }, { name: 'c/d.txt', content: 'd' }]), target);
  expect(read('a/b.txt')).toBe('b');
  expect(read('c/d.txt')).toBe('d');
});

test.each(['-9', '-0'])('a zip is unpacked (%s)', async (level) => {
  await unpack(zip(level), target);
  expect(read('agent.js')).toBe('run();'.repeat(1000));
  expect(read('lib/native.node')).toBe('binary');
  expect(read('empty')).toBe('');
});

test('modes of the archive are not taken over', async () => {
  await unpack(await tarGz([{ name: 'a', mode: 0o4777, content: 'x' }]), target);
  expect(fs.statSync(path.join(target, 'a')).mode & 0o7111).toBe(0);
});

test.each(['../evil', '/etc/evil', 'a/../../evil', 'a//evil', 'a\\evil', '..'])('a path that leaves the folder is refused: %s', async (name) => {
  await expect(unpack(await tarGz([{ name, content: 'x' }]), target)).rejects.toThrow('a path that is not simply below its folder');
  expect(fs.existsSync(path.join(folder, 'evil'))).toBe(false);
});

test.each(['symlink', 'link', 'character-device', 'fifo'] as const)('a %s in a tar.gz is refused', async (type) => {
  await expect(unpack(await tarGz([{ name: 'a', type, linkname: '/etc/passwd' }]), target)).rejects.toThrow('only files and folders are unpacked');
});

test('a link in a zip is refused', async () => {
  await expect(unpack(zip('-y'), target)).rejects.toThrow('a link: only files and folders are unpacked');
});

test('an encrypted zip is refused', async () => {
  await expect(unpack(zip('-P', 'word'), target)).rejects.toThrow('which is encrypted');
});

test('an entry that would write over another is refused', async () => {
  await expect(unpack(await tarGz([{ name: 'a', content: '1' }, { name: 'a', content: '2' }]), target)).rejects.toThrow("'a' of the archive was not unpacked");
  expect(read('a')).toBe('1');
});

test.each([['a zip that is cut', 'PK'], ['a text', 'no archive'], ['nothing', '']])('%s is refused', async (_what, content) => {
  const file = path.join(folder, 'bad');
  fs.writeFileSync(file, content);
  await expect(unpack(file, target)).rejects.toThrow('the archive is damaged or no');
});

test('an archive that unpacks to more than its limit is refused', async () => {
  const file = await tarGz([{ name: 'a', content: 'x'.repeat(600) }, { name: 'b', content: 'x'.repeat(401) }]);
  await expect(unpack(file, target, 1000)).rejects.toThrow('the archive unpacks to more than 1000 bytes');
  fs.rmSync(target, { recursive: true });
  await expect(unpack(file, target, 1001)).resolves.toBeUndefined();
});

test('the largest model that synth packs fits, with its manifest', () => {
  expect(PACKAGE_MAX_BYTES).toBeGreaterThan(MODEL_MAX_BYTES + MANIFEST_MAX_BYTES);
  expect(PACKAGE_MAX_ENTRIES).toBeGreaterThan(MODEL_MAX_FILES + 1);
});

test('a tar.gz that is cut is refused', async () => {
  const file = await tarGz([{ name: 'a', content: 'x'.repeat(100_000) }]);
  fs.truncateSync(file, fs.statSync(file).size - 20);
  await expect(unpack(file, target)).rejects.toThrow('unexpected end of file');
});

test('a zip whose directory is cut is refused', async () => {
  const file = zip('-9');
  const bytes = fs.readFileSync(file);
  bytes.writeUInt16LE(99, bytes.length - 12);
  fs.writeFileSync(file, bytes);
  await expect(unpack(file, target)).rejects.toThrow('the archive is damaged or no zip');
});
