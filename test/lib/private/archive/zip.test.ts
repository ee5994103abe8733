import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import * as fs from 'node:fs';
import { linkInZip, writeZip } from '../../../../lib/private/archive/zip';
import { modelFolder } from '../../temp-models';

const files = [
  { path: 'b/ä.txt', content: Buffer.from('two') },
  { path: 'a.bin', content: Buffer.alloc(100_000, 7) },
  { path: 'empty', content: Buffer.alloc(0) },
];

/** Python's reader is not ours. */
function python(script: string, ...args: string[]): string {
  return execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8' }).trim();
}

describe('a zip', () => {
  test('is read by others as it was written', () => {
    const folder = modelFolder({});
    const file = path.join(folder, 'x.zip');
    fs.writeFileSync(file, writeZip(files) ?? Buffer.alloc(0));
    const program = 'import sys,zipfile as z; f=z.ZipFile(sys.argv[1]); '
      + 'print(f.testzip(), [(i.filename, i.file_size, i.date_time[0], oct(i.external_attr>>16)) for i in f.infolist()])';
    expect(python(program, file))
      .toBe("None [('a.bin', 100000, 1980, '0o100444'), ('b/ä.txt', 3, 1980, '0o100444'), ('empty', 0, 1980, '0o100444')]");
  });

  test('is the same whatever the order of its files', () => {
    expect(writeZip(files)).toEqual(writeZip([...files].reverse()));
  });

  test('of too many files is none', () => {
    expect(writeZip(Array.from({ length: 65_536 }, (_, index) => ({ path: String(index), content: Buffer.alloc(0) })))).toBeUndefined();
  });

  test('with a symbolic link is found out', () => {
    const folder = modelFolder({});
    const file = path.join(folder, 'x.zip');
    const program = [
      'import sys,zipfile as z', 'f=z.ZipFile(sys.argv[1],"w")', 'f.writestr("a","x")', 'i=z.ZipInfo("bin/tool")',
      'i.create_system=3', 'i.external_attr=0o120777<<16', 'f.writestr(i,"../a")', 'f.close()',
    ].join('\n');
    python(program, file);
    expect(linkInZip(fs.readFileSync(file))).toBe('bin/tool');
    expect([linkInZip(writeZip(files) ?? Buffer.alloc(0)), linkInZip(Buffer.from('no zip'))]).toEqual([undefined, undefined]);
  });
});
