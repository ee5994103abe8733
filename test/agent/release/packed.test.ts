import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { toAddresses, toDistances, type Machine } from '../../../agent/release/branches';
import { pack, packedRelease, unpackInPlace, unpackTo } from '../../../agent/release/packed';

const CODE = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index % 7 === 0 ? 0xe8 : index % 251)));
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-sagemaker-edge-test-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Files are read-only, as what Greengrass unpacks. */
function write(files: readonly { path: string; content: Buffer }[], name = 'release'): string {
  const place = path.join(folder, name);
  fs.mkdirSync(place, { recursive: true });
  for (const file of files) {
    fs.writeFileSync(path.join(place, file.path), file.content, { mode: 0o444 });
  }
  return place;
}

interface Release {
  readonly machine?: Machine;
  readonly sha256?: string;
  readonly file?: string;
}

async function release({ machine = 'x64', sha256: digest = sha256(CODE), file = 'lib.so.1' }: Release = {}): Promise<string> {
  return write(packedRelease({ 'agent.js': Buffer.from('agent') }, [{ file, machine, sha256: digest, content: await pack(CODE, machine, 5) }]));
}

const contents = (place: string): Record<string, string> => (
  Object.fromEntries(fs.readdirSync(place).map((name) => [name, sha256(fs.readFileSync(path.join(place, name)))]))
);
const WHOLE = { 'agent.js': sha256(Buffer.from('agent')), 'lib.so.1': sha256(CODE) };

describe.each(['x64', 'arm64'] as const)('code of %s', (machine) => {
  test('is what it was after both directions, whatever its bytes', () => {
    const calls = fc.constantFrom(0xe8, 0x94, 0x97, 0xff, 0);
    fc.assert(fc.property(fc.array(fc.oneof(calls, fc.nat(255)), { maxLength: 200 }), (bytes) => {
      const code = Buffer.from(bytes);
      toAddresses(code, machine);
      toDistances(code, machine);
      expect([...code]).toEqual(bytes);
    }), { seed: 7 });
  });

  test('is unpacked in its place, and what it was packed in goes', async () => {
    const place = await release({ machine });
    await unpackInPlace(place);
    expect(contents(place)).toEqual(WHOLE);
  });
});

test('two calls of one function are the same bytes to a compressor', () => {
  const code = Buffer.from([0xe8, 95, 0, 0, 0, 0xe8, 90, 0, 0, 0]); // both to 100
  toAddresses(code, 'x64');
  expect(code.subarray(0, 5)).toEqual(code.subarray(5));
});

test('two branches to one function are the same word to a compressor', () => {
  const code = Buffer.from([25, 0, 0, 0x94, 24, 0, 0, 0x94]);
  toAddresses(code, 'arm64');
  expect(code.subarray(0, 4)).toEqual(code.subarray(4));
});

test('a release of plain files stays as it is', async () => {
  const place = write([{ path: 'agent.js', content: Buffer.from('agent') }]);
  await unpackInPlace(place);
  expect(Object.keys(contents(place))).toEqual(['agent.js']);
});

test('a release is unpacked to another folder, and stays', async () => {
  const place = await release();
  const before = contents(place);
  await unpackTo(place, path.join(folder, 'program'));
  expect(contents(path.join(folder, 'program'))).toEqual(WHOLE);
  expect(contents(place)).toEqual(before);
});

test('what is unpacked and whole is not unpacked again', async () => {
  const place = await release();
  const library = path.join(folder, 'program', 'lib.so.1');
  await unpackTo(place, path.dirname(library));
  const { ino } = fs.statSync(library);
  await unpackTo(place, path.dirname(library));
  expect(fs.statSync(library).ino).toBe(ino);
});

test('what was changed since is unpacked again', async () => {
  const place = await release();
  const program = path.join(folder, 'program');
  await unpackTo(place, program);
  fs.writeFileSync(path.join(program, 'lib.so.1'), 'changed');
  fs.rmSync(path.join(program, 'agent.js'));
  fs.writeFileSync(path.join(program, 'agent.js'), 'changed');
  await unpackTo(place, program);
  expect(contents(program)).toEqual(WHOLE);
});

describe('fails when', () => {
  test('the content is not what its digest says, and leaves nothing of it', async () => {
    const place = await release({ sha256: 'a'.repeat(64) });
    const program = path.join(folder, 'program');
    await expect(unpackTo(place, program)).rejects.toThrow(`the SHA-256 of 'lib.so.1' as unpacked is ${sha256(CODE)}, not ${'a'.repeat(64)}: it is not used`);
    expect(fs.readdirSync(program)).toEqual(['agent.js']);
  });

  test('the packed file is damaged', async () => {
    const place = await release();
    fs.rmSync(path.join(place, 'lib.so.1.br'));
    fs.writeFileSync(path.join(place, 'lib.so.1.br'), 'no brotli');
    await expect(unpackInPlace(place)).rejects.toThrow();
  });

  test('the folder to make is the release\'s own, also by a link, and leaves the release whole', async () => {
    const place = await release();
    const before = contents(place);
    fs.symlinkSync(place, path.join(folder, 'link'));
    for (const target of [place, `${place}/.`, path.join(folder, 'link')]) {
      await expect(unpackTo(place, target)).rejects.toThrow(`the folder to make must not be the release's own, got ${target}`);
    }
    expect(contents(place)).toEqual(before);
  });

  test('the list names a place elsewhere', async () => {
    const place = write([{ path: 'packed.json', content: Buffer.from(JSON.stringify([{ file: '../lib.so.1', machine: 'x64', sha256: 'a'.repeat(64) }])) }]);
    await expect(unpackInPlace(place)).rejects.toThrow('packed.json must name a file, its machine and its SHA-256, got {"file":"../lib.so.1"');
  });

  test('the list is none', async () => {
    await expect(unpackInPlace(write([{ path: 'packed.json', content: Buffer.from('{}') }]))).rejects.toThrow('packed.json must be a list');
  });
});
