import type { ArchiveFile, Content } from './archive-file';
import { bytesOf, chunksOf, partOf, wholeOf } from './content';

const BLOCK = 512;
/** ustar's field for a size has eleven octal digits: 8 GiB - 1. */
const USTAR_MAX_SIZE = 0o77777777777;
/** Extended headers hold names and sizes. A larger one is none. */
const EXTENDED_MAX_SIZE = 1024 ** 2;

/** A tar archive (ustar, with pax records where its fields are too short) that depends on paths and contents alone, a part at a time. */
export function* tarChunks(files: readonly ArchiveFile[]): Generator<Buffer> {
  for (const { path, content } of [...files].sort((a, b) => a.path < b.path ? -1 : 1)) {
    yield* tarHead(path, content.size);
    yield* chunksOf(content);
    yield padding(content.size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** What stands before the content of a file. */
function tarHead(path: string, size: number): Buffer[] {
  const name = splitName(path);
  const records = [
    ...name ? [] : [paxRecord('path', path)],
    ...size > USTAR_MAX_SIZE ? [paxRecord('size', String(size))] : [],
  ];
  const { prefix, name: last } = name ?? { prefix: '', name: Buffer.from('long-name') };
  return [
    ...records.length > 0 ? paxHeader(Buffer.concat(records)) : [],
    header(prefix, last, size > USTAR_MAX_SIZE ? 0 : size, '0'), // a reader takes the record's
  ];
}

/** ustar's two name fields, of 155 and 100 bytes; undefined if the path fits into none of the ways. */
function splitName(path: string): { prefix: string; name: Buffer } | undefined {
  const name = Buffer.from(path);
  if (name.length <= 100) {
    return { prefix: '', name };
  }
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, rest] = [path.slice(0, at), Buffer.from(path.slice(at + 1))];
    if (Buffer.byteLength(prefix) <= 155 && rest.length <= 100) {
      return { prefix, name: rest };
    }
  }
  return undefined;
}

function paxHeader(records: Buffer): Buffer[] {
  return [header('', Buffer.from('pax-header'), records.length, 'x'), records, padding(records.length)];
}

/** It begins with its own length. */
function paxRecord(key: string, value: string): Buffer {
  const body = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(body);
  while (String(length).length + Buffer.byteLength(body) !== length) {
    length = String(length).length + Buffer.byteLength(body);
  }
  return Buffer.from(`${length}${body}`);
}

function header(prefix: string, name: Buffer, size: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block, 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108); // user and group: root, by number alone
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136); // 1970
  block.write(type, 156);
  block.write('ustar\0' + '00', 257);
  block.write(prefix, 345);
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Sum of the header's bytes, its own field counted as blanks. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** What stands after the content of a file. */
function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - size % BLOCK) % BLOCK);
}

/** The regular files of a tar archive (ustar, pax and GNU long names), or undefined if the bytes are none. */
export function readTar(tar: Content): ArchiveFile[] | undefined {
  const files: ArchiveFile[] = [];
  let longName: string | undefined;
  let longSize: string | undefined;
  let at = 0;
  while (at + BLOCK <= tar.size) {
    const head = bytesOf(tar, at, BLOCK);
    if (head.every((byte) => byte === 0)) {
      return files;
    }
    const type = String.fromCharCode(head[156] ?? 0);
    const isExtended = ['x', 'L', 'g'].includes(type);
    const size = longSize === undefined || isExtended ? numeric(head.subarray(124, 136)) : Number(longSize);
    if (numeric(head.subarray(148, 156)) !== checksum(head) || size === undefined || !(at + BLOCK + size <= tar.size)) {
      return undefined;
    }
    if (isExtended && size > EXTENDED_MAX_SIZE) {
      return undefined;
    }
    const content = partOf(tar, at + BLOCK, size);
    if (type === 'x') {
      longName = paxValue(wholeOf(content), 'path') ?? longName;
      longSize = paxValue(wholeOf(content), 'size') ?? longSize;
    } else if (type === 'L') {
      longName = untilZero(wholeOf(content));
    } else if (type !== 'g') {
      const path = clean(longName ?? ustarName(head));
      if (['0', '\0', '7'].includes(type) && !path.endsWith('/')) {
        files.push({ path, content });
      }
      longName = undefined;
      longSize = undefined;
    }
    at += BLOCK + size + padding(size).length;
  }
  return files.length > 0 && at === tar.size ? files : undefined; // some writers leave the closing blocks out
}

function ustarName(head: Buffer): string {
  const isPosix = head.subarray(257, 262).toString() === 'ustar' && head[262] === 0; // GNU's magic has a blank, and other things there
  const prefix = isPosix ? untilZero(head.subarray(345, 500)) : '';
  return prefix === '' ? untilZero(head.subarray(0, 100)) : `${prefix}/${untilZero(head.subarray(0, 100))}`;
}

/** Octal digits, or GNU's base 256 for big files. */
function numeric(field: Buffer): number | undefined {
  if ((field[0] ?? 0) & 0x80) {
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
  }
  const digits = untilZero(field).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

function paxValue(content: Buffer, key: string): string | undefined {
  let at = 0;
  while (at < content.length) {
    const length = parseInt(content.subarray(at, at + 20).toString(), 10);
    if (!(length > 0)) {
      return undefined;
    }
    const record = content.subarray(at, at + length).toString().replace(/^\d+ /, '').replace(/\n$/, '');
    if (record.startsWith(`${key}=`)) {
      return record.slice(key.length + 1);
    }
    at += length;
  }
  return undefined;
}

function untilZero(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? undefined : end).toString();
}

/** `tar -C folder .` writes './name'. */
function clean(path: string): string {
  return path.replace(/^(\.\/)+/, '');
}
