import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { WireError } from '../../lib/model/private/protobuf-wire';

/** Larger fields are weights: of a tensor, and of anything else. */
const LARGEST_OF_TENSOR = 1024;
const LARGEST = 65_536;
/** All that stays, in bytes. */
const MOST = 128 * 1024 ** 2;
const WINDOW = 65_536;

// field numbers of onnx.proto
const GRAPH = 7;
const INITIALIZER = 5;

/** What a message is: only these hold others that are looked into. */
type Kind = 'model' | 'graph' | 'tensor';

/**
 * An .onnx file without its weights, for a reader that wants all of it in memory. Names, types and shapes stay.
 * Throws a `WireError` where the file is no protobuf message.
 */
export function withoutWeights(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    return new Condenser(descriptor).message(0, statSync(file).size, 'model');
  } finally {
    closeSync(descriptor);
  }
}

class Condenser {
  private window = Buffer.alloc(0);
  private windowAt = 0;
  private kept = 0;

  public constructor(private readonly descriptor: number) {}

  public message(start: number, end: number, kind: Kind): Buffer {
    const parts: Buffer[] = [];
    let at = start;
    while (at < end) {
      const tag = this.varint(at, end);
      const [number, type] = [Math.floor(tag.value / 8), tag.value % 8];
      if (type === 2) {
        const length = this.varint(tag.end, end);
        const next = length.end + length.value;
        if (next > end) {
          throw new WireError(`it ends at byte ${end}, in the middle of a field of ${length.value} bytes`);
        }
        parts.push(...this.field(number, length.end, next, kind));
        at = next;
      } else {
        const next = this.scalarEnd(type, tag.end, end);
        if (type === 0 && (kind !== 'tensor' || number <= 2)) { // of a tensor, its dimensions and its type
          parts.push(this.keep(at, next));
        }
        at = next;
      }
    }
    return Buffer.concat(parts);
  }

  private field(number: number, start: number, end: number, kind: Kind): Buffer[] {
    const within = nested(kind, number);
    if (within) {
      return withLength(number, this.message(start, end, within));
    }
    const largest = kind === 'tensor' ? LARGEST_OF_TENSOR : LARGEST;
    return end - start > largest ? [] : withLength(number, this.keep(start, end));
  }

  private keep(start: number, end: number): Buffer {
    this.kept += end - start;
    if (this.kept > MOST) {
      throw new WireError(`it has more than ${MOST} bytes beside its weights`);
    }
    return Buffer.from(this.bytes(start, end - start));
  }

  private scalarEnd(type: number, at: number, end: number): number {
    if (type === 0) {
      return this.varint(at, end).end;
    }
    if (type !== 1 && type !== 5) {
      throw new WireError(`there is no protobuf field at byte ${at - 1}`);
    }
    const next = at + (type === 1 ? 8 : 4);
    if (next > end) {
      throw new WireError(`it ends at byte ${end}, in the middle of a field of ${next - at} bytes`);
    }
    return next;
  }

  /** Seven bits each, least significant first. */
  private varint(start: number, end: number): { value: number; end: number } {
    const bytes = this.bytes(start, Math.min(10, end - start));
    let value = 0;
    for (const [index, byte] of bytes.entries()) {
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) {
        return { value, end: start + index + 1 };
      }
    }
    throw new WireError(bytes.length < 10 ? `it ends at byte ${end}, in the middle of a number` : `there is no number at byte ${start}`);
  }

  private bytes(start: number, length: number): Buffer {
    const offset = start - this.windowAt;
    if (offset < 0 || offset + length > this.window.length) {
      const window = Buffer.alloc(Math.max(WINDOW, length));
      this.window = window.subarray(0, readSync(this.descriptor, window, 0, window.length, start));
      this.windowAt = start;
    }
    return this.window.subarray(start - this.windowAt, start - this.windowAt + length);
  }
}

function nested(kind: Kind, number: number): Kind | undefined {
  if (kind === 'model' && number === GRAPH) {
    return 'graph';
  }
  return kind === 'graph' && number === INITIALIZER ? 'tensor' : undefined;
}

function withLength(number: number, content: Buffer): Buffer[] {
  return [varintBytes(number * 8 + 2), varintBytes(content.length), content];
}

function varintBytes(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}
