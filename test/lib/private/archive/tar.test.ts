import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { extract } from 'tar-stream';
import { archiveFile, type MemoryFile } from '../../../../lib/private/archive/archive-file';
import { memoryContent, wholeOf } from '../../../../lib/private/archive/content';
import { gunzip, storedContent, storedGzip } from '../../../../lib/private/archive/gzip';
import { readTar as read, tarChunks } from '../../../../lib/private/archive/tar';
import { modelArchive, modelFolder } from '../../temp-models';

const long = `${'folder/'.repeat(40)}model.onnx`; // fits neither into 100 bytes nor into ustar's two fields
const files = [
  { path: 'model.onnx', content: Buffer.from('weights') },
  { path: 'empty', content: Buffer.alloc(0) },
  { path: `${'f'.repeat(120)}/${'m'.repeat(90)}`, content: Buffer.from('two fields') },
  { path: long, content: Buffer.alloc(1500, 7) },
  { path: 'étiquettes.txt', content: Buffer.alloc(512, 'é') },
];
const contents = Object.fromEntries(files.map(({ path: name, content }) => [name, content.toString('hex')]));

const writeTar = (list: readonly MemoryFile[]): Buffer => Buffer.concat([...tarChunks(list.map(archiveFile))]);
const readTar = (tar: Buffer): MemoryFile[] | undefined =>
  read(memoryContent(tar))?.map(({ path: name, content }) => ({ path: name, content: wholeOf(content) }));
const gzipStored = (content: Buffer): Buffer => Buffer.concat([...storedGzip([content])]);

async function readByTarStream(tar: Buffer): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const parts: Buffer[] = [];
    for await (const part of entry) {
      parts.push(Buffer.from(part as Uint8Array));
    }
    found[entry.header.name] = Buffer.concat(parts).toString('hex');
    expect(entry.header).toMatchObject({ mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 });
  }
  return found;
}

test('tar-stream reads what is written, long names and other alphabets included', async () => {
  expect(await readByTarStream(writeTar(files))).toEqual(contents);
});

test("the machine's own tar unpacks what is written", () => {
  const folder = modelFolder({ 'a.tar.gz': gzipStored(writeTar(files)) });
  execFileSync('tar', ['-xzf', 'a.tar.gz'], { cwd: folder });
  for (const { path: name, content } of files) {
    expect(readFileSync(path.join(folder, name))).toEqual(content);
  }
});

test('the order of the files does not change the bytes', () => {
  expect(writeTar([...files].reverse())).toEqual(writeTar(files));
});

test('what is written is read back', () => {
  expect(readTar(writeTar(files))).toEqual([...files].sort((a, b) => a.path < b.path ? -1 : 1));
});

test.each(['gnu', 'pax', 'ustar', 'v7'])("an archive in tar's %s format is read", (format) => {
  const name = format === 'gnu' || format === 'pax' ? long : 'folder/model.onnx';
  const archive = modelArchive({ [name]: 'weights', 'labels.txt': 'cat' }, 'model.tar.gz', [`--format=${format}`]);
  const tar = gunzip(readFileSync(archive));
  const found = readTar(tar ?? Buffer.alloc(0)) ?? [];
  expect(Object.fromEntries(found.map(({ path: file, content }) => [file, content.toString()]))).toEqual({
    [name]: 'weights',
    'labels.txt': 'cat',
  });
});

test('an archive without its closing blocks is read', () => {
  const tar = writeTar(files.slice(0, 1));
  expect(readTar(tar.subarray(0, tar.length - 1024))).toHaveLength(1);
});

test('an archive of nothing is read', () => {
  expect(readTar(Buffer.alloc(1024))).toEqual([]);
});

test.each([
  ['a text', Buffer.from('no archive at all'.repeat(100))],
  ['nothing', Buffer.alloc(0)],
  ['an archive cut within a file', writeTar(files).subarray(0, 700)],
  ['a changed header', (() => {
    const tar = writeTar(files);
    tar.write('X', 3);
    return tar;
  })()],
])('%s is no archive', (_name, bytes) => {
  expect(readTar(bytes)).toBeUndefined();
});

test.each([0, 1, 65535, 65536, 200_000])('gzip reads what is stored: %i bytes', (size) => {
  const content = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
  expect(gunzip(gzipStored(content))).toEqual(content);
});

test.each([0, 1, 65535, 65536, 131070, 200_000])('what is stored is read where it lies: of %i bytes', (size) => {
  const content = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
  const stored = storedContent(memoryContent(gzipStored(content)));
  expect(wholeOf(stored)).toEqual(content);
  expect(stored.read(65_530, 70_000)).toEqual(content.subarray(65_530, 135_530));
});

test("the machine's own gzip accepts what is stored", () => {
  const folder = modelFolder({});
  writeFileSync(path.join(folder, 'a.gz'), gzipStored(Buffer.alloc(100_000, 'model')));
  expect(() => execFileSync('gzip', ['-t', 'a.gz'], { cwd: folder })).not.toThrow();
});

test('what gzip cannot read is undefined', () => {
  expect(gunzip(Buffer.from('plain'))).toBeUndefined();
});
