import { open, unlink, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isRecord } from '../config/reader';
import type { CaptureHeader, CaptureItem } from './record';

// A frame: magic, length of the header, length of the blobs, CRC-32 of either. Header (JSON), blobs.
const MAGIC = 0x31455343; // "CSE1"
const FRAME_HEAD = 20;
const HEADER_MAX = 4 * 2 ** 20;

/** A capture on the disk. */
export interface SpoolEntry {
  readonly id: string;
  readonly modelName: string;
  readonly time: string;
  readonly segment: Segment;
  readonly offset: number;
  readonly headerLength: number;
  readonly blobLength: number;
}

/** The bytes of a frame, and its entry once its place is known. */
export class Frame {
  public readonly buffers: readonly Buffer[];
  public readonly length: number;
  private readonly headerLength: number;
  private readonly blobLength: number;

  public constructor(private readonly header: CaptureHeader, blobs: readonly Buffer[]) {
    const json = Buffer.from(JSON.stringify(header));
    const head = Buffer.alloc(FRAME_HEAD);
    this.headerLength = json.length;
    this.blobLength = blobs.reduce((sum, blob) => sum + blob.length, 0);
    head.writeUInt32LE(MAGIC, 0);
    head.writeUInt32LE(this.headerLength, 4);
    head.writeUInt32LE(this.blobLength, 8);
    head.writeUInt32LE(crc32(json), 12);
    head.writeUInt32LE(blobs.reduce((crc, blob) => crc32(blob, crc), 0), 16);
    this.buffers = [head, json, ...blobs.filter((blob) => blob.length > 0)];
    this.length = FRAME_HEAD + this.headerLength + this.blobLength;
  }

  public at(segment: Segment, offset: number): SpoolEntry {
    const { id, modelName, time } = this.header;
    return { id, modelName, time, segment, offset, headerLength: this.headerLength, blobLength: this.blobLength };
  }
}

/** One file of the spool: frames, appended. */
export class Segment {
  public static async create(path: string): Promise<Segment> {
    return new Segment(path, await open(path, 'wx+', 0o600), 0);
  }

  /** Opens a segment of an earlier run. A torn end (a write cut off, never acknowledged) is left out. */
  public static async recover(path: string): Promise<{ segment: Segment; entries: SpoolEntry[]; torn: boolean }> {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    const segment = new Segment(path, file, size);
    const entries: SpoolEntry[] = [];
    let offset = 0;
    while (offset < size) {
      const entry = await segment.entryAt(offset, size);
      if (entry === undefined) {
        break;
      }
      entries.push(entry);
      offset += entryLength(entry);
    }
    return { segment, entries, torn: offset < size };
  }

  /** Entries that nobody has released yet. */
  public live = 0;

  private constructor(private readonly path: string, private readonly file: FileHandle, private end: number) {}

  public get size(): number {
    return this.end;
  }

  /** Writes frames at the end and waits until they are on the disk. */
  public async append(frames: readonly Frame[]): Promise<SpoolEntry[]> {
    const start = this.end;
    let pending = frames.flatMap((frame) => frame.buffers);
    let position = start;
    while (pending.length > 0) {
      const { bytesWritten } = await this.file.writev(pending, position);
      if (bytesWritten === 0) {
        throw new Error('the disk takes no more bytes');
      }
      position += bytesWritten;
      pending = withoutFirst(pending, bytesWritten);
    }
    await this.file.datasync();
    this.end = position;
    this.live += frames.length;
    let offset = start;
    return frames.map((frame) => {
      const entry = frame.at(this, offset);
      offset += frame.length;
      return entry;
    });
  }

  /** The capture of an entry, or undefined if its bytes are damaged. */
  public async read(entry: SpoolEntry): Promise<{ header: CaptureHeader; blobs: Buffer } | undefined> {
    const bytes = Buffer.allocUnsafe(entryLength(entry));
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, entry.offset);
    const json = bytes.subarray(FRAME_HEAD, FRAME_HEAD + entry.headerLength);
    const blobs = bytes.subarray(FRAME_HEAD + entry.headerLength);
    if (bytesRead !== bytes.length || crc32(json) !== bytes.readUInt32LE(12) || crc32(blobs) !== bytes.readUInt32LE(16)) {
      return undefined;
    }
    const header = parseHeader(json);
    return header === undefined ? undefined : { header, blobs };
  }

  public async close(): Promise<void> {
    await this.file.close();
  }

  public async remove(): Promise<void> {
    await this.file.close();
    await unlink(this.path);
  }

  private async entryAt(offset: number, size: number): Promise<SpoolEntry | undefined> {
    const head = Buffer.alloc(FRAME_HEAD);
    await this.file.read(head, 0, FRAME_HEAD, offset);
    const headerLength = head.readUInt32LE(4);
    const blobLength = head.readUInt32LE(8);
    if (head.readUInt32LE(0) !== MAGIC || headerLength > HEADER_MAX || offset + FRAME_HEAD + headerLength + blobLength > size) {
      return undefined;
    }
    const json = Buffer.alloc(headerLength);
    await this.file.read(json, 0, headerLength, offset + FRAME_HEAD);
    const header = crc32(json) === head.readUInt32LE(12) ? parseHeader(json) : undefined;
    if (header === undefined) {
      return undefined;
    }
    return { id: header.id, modelName: header.modelName, time: header.time, segment: this, offset, headerLength, blobLength };
  }
}

export function entryLength(entry: SpoolEntry): number {
  return FRAME_HEAD + entry.headerLength + entry.blobLength;
}

function withoutFirst(buffers: readonly Buffer[], count: number): Buffer[] {
  let left = count;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    if (left < buffer.length) {
      rest.push(buffer.subarray(left));
    }
    left = Math.max(0, left - buffer.length);
  }
  return rest;
}

function parseHeader(json: Buffer): CaptureHeader | undefined {
  try {
    const value: unknown = JSON.parse(json.toString('utf8'));
    return isHeader(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is CaptureHeader {
  return isRecord(value) && typeof value.id === 'string' && typeof value.modelName === 'string' && typeof value.modelVersion === 'string'
    && typeof value.time === 'string' && Array.isArray(value.items) && value.items.every(isItem);
}

function isItem(value: unknown): value is CaptureItem {
  return isRecord(value) && typeof value.name === 'string' && typeof value.group === 'string' && typeof value.contentType === 'string'
    && typeof value.encoding === 'string' && typeof value.length === 'number';
}
