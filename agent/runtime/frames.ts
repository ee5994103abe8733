import { readSync, writeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { isRecord } from '../config/reader';
import { isTensorSpec, type RawTensor, type TensorSpec } from './protocol';

// A frame between the agent and a model's process: length of the JSON, the JSON, and the bytes of its tensors.
const HEAD = 4;

/** A message with the tensors that go with it. */
export interface Frame {
  readonly message: unknown;
  readonly tensors: readonly RawTensor[];
}

/** A tensor without its data. */
interface DescribedTensor extends TensorSpec {
  readonly bytes: number;
}

interface FrameHeader {
  readonly message: unknown;
  /** In the order of their bytes. */
  readonly tensors: readonly DescribedTensor[];
}

function encode({ message, tensors }: Frame): Uint8Array[] {
  const described = tensors.map(({ name, type, shape, data }) => ({ name, type, shape, bytes: data.byteLength }));
  const header: FrameHeader = { message, tensors: described };
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(json.length);
  return [head, json, ...tensors.map(({ data }) => data).filter((data) => data.byteLength > 0)];
}

function decodeHeader(json: Buffer): FrameHeader {
  const header: unknown = JSON.parse(json.toString('utf8'));
  if (!isRecord(header) || !Array.isArray(header.tensors)) {
    throw new Error('a frame without tensors');
  }
  const tensors: unknown[] = header.tensors;
  return { message: header.message, tensors: tensors.map(toDescribed) };
}

function toDescribed(value: unknown): DescribedTensor {
  if (!isTensorSpec(value) || !('bytes' in value) || typeof value.bytes !== 'number') {
    throw new Error('a frame with an unknown tensor');
  }
  const { name, type, shape, bytes } = value;
  return { name, type, shape, bytes };
}

/** Frames of the agent's end, which never waits. */
export class FrameStream {
  public constructor(private readonly stream: Duplex, receive: (frame: Frame) => void) {
    const reader = readFrames(receive);
    reader.next();
    stream.on('data', (chunk: Buffer) => {
      reader.next(chunk);
    });
  }

  public send(frame: Frame): void {
    this.stream.cork();
    for (const part of encode(frame)) {
      this.stream.write(part);
    }
    this.stream.uncork();
  }
}

/** Takes chunks as they come, and copies each byte once to its place. */
function* readFrames(receive: (frame: Frame) => void): Generator<undefined, never, Buffer> {
  let chunk: Buffer = Buffer.alloc(0);
  function* take(length: number): Generator<undefined, Buffer<ArrayBuffer>, Buffer> {
    const bytes = Buffer.from(new ArrayBuffer(length)); // memory of its own, that suits every element type
    for (let filled = 0; filled < length;) {
      if (chunk.length === 0) {
        chunk = yield;
      }
      const copied = chunk.copy(bytes, filled);
      chunk = chunk.subarray(copied);
      filled += copied;
    }
    return bytes;
  }
  for (;;) {
    const length = (yield* take(HEAD)).readUInt32LE();
    const { message, tensors } = decodeHeader(yield* take(length));
    const filled: RawTensor[] = [];
    for (const { name, type, shape, bytes } of tensors) {
      filled.push({ name, type, shape, data: yield* take(bytes) });
    }
    receive({ message, tensors: filled });
  }
}

/** Frames of the model's end, whose thread has nothing else to do than to wait for the next one. */
export class FrameFile {
  public constructor(private readonly fd: number) {}

  /** The next frame. Undefined when the agent has closed its end. */
  public read(): Frame | undefined {
    const head = this.take(HEAD);
    if (head === undefined) {
      return undefined;
    }
    const json = this.take(head.readUInt32LE());
    if (json === undefined) {
      return undefined;
    }
    const { message, tensors } = decodeHeader(json);
    const filled: RawTensor[] = [];
    for (const { name, type, shape, bytes } of tensors) {
      const data = this.take(bytes);
      if (data === undefined) {
        return undefined;
      }
      filled.push({ name, type, shape, data });
    }
    return { message, tensors: filled };
  }

  public write(frame: Frame): void {
    for (const part of encode(frame)) {
      for (let written = 0; written < part.byteLength;) {
        written += writeSync(this.fd, part, written);
      }
    }
  }

  private take(length: number): Buffer<ArrayBuffer> | undefined {
    const bytes = Buffer.from(new ArrayBuffer(length));
    for (let filled = 0; filled < length;) {
      const count = readSync(this.fd, bytes, filled, length - filled, null);
      if (count === 0) {
        return undefined;
      }
      filled += count;
    }
    return bytes;
  }
}
