/** The bytes are no protobuf message, or not the one expected. */
export class WireError extends Error {}

/** A field of a protobuf message: a number or bytes (a text, or a message within). Fixed-size values are stepped over. */
export interface WireField {
  readonly number: number;
  readonly value?: number;
  readonly bytes?: Buffer;
}

/** The fields of a message, in the file's order. Nested messages are not read, and no bytes are copied. */
export function fields(message: Buffer): WireField[] {
  const result: WireField[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = varint(message, at);
    const number = Math.floor(tag.value / 8);
    if (number < 1 || tag.value < 0) {
      throw new WireError(`there is no field ${number} at byte ${at}`);
    }
    at = tag.end;
    switch (tag.value % 8) {
      case 0: {
        const { value, end } = varint(message, at);
        result.push({ number, value });
        at = end;
        break;
      }
      case 1:
        at = skip(message, at, 8);
        break;
      case 2: {
        const { value: length, end } = varint(message, at);
        at = skip(message, end, length);
        result.push({ number, bytes: message.subarray(end, at) });
        break;
      }
      case 5:
        at = skip(message, at, 4);
        break;
      default:
        throw new WireError(`there is no protobuf field at byte ${at - 1}`);
    }
  }
  return result;
}

/** UTF-8. */
export function text(bytes: Buffer): string {
  return bytes.toString('utf8');
}

function skip(message: Buffer, at: number, length: number): number {
  if (length < 0 || at + length > message.length) {
    throw new WireError(`it ends at byte ${message.length}, in the middle of a field of ${length} bytes`);
  }
  return at + length;
}

/** Up to ten bytes, seven bits each, least significant first; a signed 64-bit number. */
function varint(message: Buffer, start: number): { value: number; end: number } {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = message[start + index];
    if (byte === undefined) {
      throw new WireError(`it ends at byte ${message.length}, in the middle of a number`);
    }
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      return { value: Number(BigInt.asIntN(64, value)), end: start + index + 1 };
    }
  }
  throw new WireError(`there is no number at byte ${start}`);
}
