import { bytesOf } from '../../private/archive/content';
import type { Content } from '../../private/archive/archive-file';
import { messageWithin, TENSOR, type OnnxMessage } from './onnx-messages';
import { WireError } from './protobuf-wire';

/** Larger fields are weights. */
const LARGEST = 65_536;
/** All that stays, in bytes. */
const MOST = 128 * 1024 ** 2;
const WINDOW = 65_536;

/** Of these, the fields stay that hold no weights. Of the others, nothing stays but the way to the tensors. */
const KEPT_OF: readonly OnnxMessage[] = ['model', 'graph'];
const KEPT_OF_TENSOR: readonly number[] = Object.values(TENSOR);

/**
 * An .onnx file without its weights, for a reader that wants all of it in memory. Names, types and shapes stay, and where the
 * weights lie that are not in the file. Throws a `WireError` where the file is no protobuf message.
 */
export function withoutWeights(content: Content): Buffer {
  return new Condenser(content).message(0, content.size, 'model');
}

class Condenser {
  private window: Buffer = Buffer.alloc(0);
  private windowAt = 0;
  private kept = 0;

  public constructor(private readonly content: Content) {}

  public message(start: number, end: number, kind: OnnxMessage): Buffer {
    const parts: Buffer[] = [];
    let at = start;
    while (at < end) {
      const tag = this.varint(at, end);
      const [number, type] = [Math.floor(tag.value / 8), tag.value % 8];
      if (number < 1) {
        throw new WireError(`there is no field ${number} at byte ${at}`);
      }
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
        if (type === 0 && isKept(kind, number)) {
          parts.push(this.keep(at, next));
        }
        at = next;
      }
    }
    return Buffer.concat(parts);
  }

  private field(number: number, start: number, end: number, kind: OnnxMessage): Buffer[] {
    const within = messageWithin(kind, number);
    if (within) {
      return withLength(number, this.message(start, end, within));
    }
    return isKept(kind, number) && end - start <= LARGEST ? withLength(number, this.keep(start, end)) : [];
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
      this.window = bytesOf(this.content, start, Math.max(WINDOW, length));
      this.windowAt = start;
    }
    return this.window.subarray(start - this.windowAt, start - this.windowAt + length);
  }
}

function isKept(kind: OnnxMessage, number: number): boolean {
  return kind === 'tensor' ? KEPT_OF_TENSOR.includes(number) : KEPT_OF.includes(kind);
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
