import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import * as path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { archiveFile, fileContent, memoryContent, wholeOf, type MemoryFile } from '../../../../lib/private/archive/content';
import type { Content } from '../../../../lib/private/archive/archive-file';
import { gunzipFile } from '../../../../lib/private/archive/gunzip';
import { storedContent, storedGzip } from '../../../../lib/private/archive/gzip';
import { readTar as read, tarChunks } from '../../../../lib/private/archive/tar';
import { modelArchive, modelFolder } from '../../temp-models';

const BLOCK = 512;
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
  const found = readTar(gunzipSync(readFileSync(archive))) ?? [];
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
  expect(gunzipSync(gzipStored(content))).toEqual(content);
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

describe('a gzip file', () => {
  const unpack = (content: Buffer, maxBytes = 1000): [string, string | undefined] => {
    const folder = modelFolder({ '-a b.gz': content });
    const target = path.join(folder, 'out');
    const result = gunzipFile(path.join(folder, '-a b.gz'), target, maxBytes);
    return [result, result === 'unpacked' ? readFileSync(target, 'utf8') : undefined];
  };

  test('is unpacked into another file', () => {
    expect(unpack(gzipSync('model'))).toEqual(['unpacked', 'model']);
  });

  test('is unpacked up to the limit, and not beyond', () => {
    expect(unpack(gzipSync('x'.repeat(1000)))).toEqual(['unpacked', 'x'.repeat(1000)]);
    expect(unpack(gzipSync('x'.repeat(1001)))).toEqual(['too large', undefined]);
  });

  test.each([['a text', Buffer.from('plain')], ['cut', gzipSync('model').subarray(0, 15)], ['empty', Buffer.alloc(0)]])(
    'is none when it is %s', (_name, content) => {
      expect(unpack(content)).toEqual(['not gzip', undefined]);
    },
  );

  test('fails with the reason when its target cannot be written', () => {
    const folder = modelFolder({ 'a.gz': gzipSync('model') });
    expect(() => gunzipFile(path.join(folder, 'a.gz'), path.join(folder, 'none', 'out'), 1000)).toThrow(/a\.gz could not be unpacked: ENOENT/);
  });
});

describe('a file over 8 GiB, for which ustar has no room', () => {
  const SIZE = 9 * 1024 ** 3 + 7;
  /** Zeros that nobody holds. */
  const huge = (onRead: (length: number) => void): Content => ({
    size: SIZE, read: (start, length) => {
      const read = Math.max(0, Math.min(length, SIZE - start));
      onRead(read);
      return Buffer.alloc(read);
    },
  });
  const unread: Content = { size: SIZE, read: () => Buffer.alloc(0) };
  const small = archiveFile({ path: 'z.txt', content: Buffer.from('after') });

  /** The archive as a file with a hole in place of the content, so that it takes no room on the disk. */
  function sparseArchive(name: string): string {
    const list = [{ path: name, content: unread }, small];
    const heads = Buffer.concat([...tarChunks(list)]);
    const headLength = heads.indexOf('z.txt') - (BLOCK - SIZE % BLOCK);
    const file = path.join(modelFolder({}), 'huge.tar');
    const descriptor = openSync(file, 'w');
    try {
      writeSync(descriptor, heads, 0, headLength, 0);
      writeSync(descriptor, heads, headLength, heads.length - headLength, headLength + SIZE);
    } finally {
      closeSync(descriptor);
    }
    return file;
  }

  test.each(['model.onnx.data', long])("has its size in a pax record, which the machine's own tar reads: %s", (name) => {
    const listed = execFileSync('tar', ['-tvf', sparseArchive(name)]).toString().trim().split('\n');
    expect(listed.map((line) => line.split(/\s+/).filter((_, at) => at === 2 || at === 5))).toEqual([[String(SIZE), name], ['5', 'z.txt']]);
  });

  test.each(['model.onnx.data', long])('is read back: %s', (name) => {
    const [first, second] = read(fileContent(sparseArchive(name))) ?? [];
    expect([first?.path, first?.content.size, second?.path]).toEqual([name, SIZE, 'z.txt']);
    expect(second && wholeOf(second.content).toString()).toBe('after');
  });

  test('has its size for tar-stream, by which a device unpacks it', async () => {
    const reader = extract();
    const header = new Promise((resolve) => {
      reader.once('entry', resolve);
    });
    reader.write(Buffer.concat([...tarChunks([{ path: 'm', content: unread }])]));
    expect(await header).toMatchObject({ name: 'm', size: SIZE });
  });

  test('is read a mebibyte at a time, when it is its turn', () => {
    const lengths: number[] = [];
    const chunks = storedGzip(tarChunks([{ path: 'm', content: huge((length) => lengths.push(length)) }]));
    let bytes = 0;
    for (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > 10 * 1024 ** 2) {
        break;
      }
    }
    expect(Math.max(...lengths)).toBe(1024 ** 2);
    expect(lengths.length).toBeLessThanOrEqual(11);
  });
});

test('an extended header of more than a mebibyte is none', () => {
  const [head = Buffer.alloc(0)] = tarChunks([{ path: 'x', content: memoryContent(Buffer.alloc(2 * 1024 ** 2)) }]);
  head.write('x', 156);
  head.write(`${(head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0)).toString(8).padStart(6, '0')}\0 `, 148);
  expect(readTar(Buffer.concat([head, Buffer.alloc(2 * 1024 ** 2 + 1024)]))).toBeUndefined();
});
