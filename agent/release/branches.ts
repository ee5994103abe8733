/** Processors whose code is packed. */
export type Machine = 'x64' | 'arm64';

const CALL = 0xe8; // x64: an opcode, then a distance of 32 bits
const BL = 0x94000000; // arm64: six bits of opcode, then a distance of 26, in words
const DISTANCE = 0x03ffffff;

/**
 * Turns the distances in calls into addresses, in place: calls of one function then look alike, which saves a compressor
 * a tenth. A byte that only looks like a call is changed as well, and back: both directions go the same steps.
 */
export function toAddresses(code: Buffer, machine: Machine): void {
  if (machine === 'x64') {
    shiftCalls(code, 1);
  } else {
    shiftBranches(code, 1);
  }
}

/** What `toAddresses` was given, in place. */
export function toDistances(code: Buffer, machine: Machine): void {
  if (machine === 'x64') {
    shiftCalls(code, -1);
  } else {
    shiftBranches(code, -1);
  }
}

function shiftCalls(code: Buffer, sign: 1 | -1): void {
  for (let at = code.indexOf(CALL); at >= 0 && at + 5 <= code.length; at = code.indexOf(CALL, at + 5)) {
    code.writeInt32LE((code.readInt32LE(at + 1) + sign * at) | 0, at + 1);
  }
}

function shiftBranches(code: Buffer, sign: 1 | -1): void {
  for (let at = 0; at + 4 <= code.length; at += 4) {
    const word = code.readUInt32LE(at);
    if ((word & ~DISTANCE) >>> 0 === BL) {
      code.writeUInt32LE((BL | ((word + sign * (at >>> 2)) & DISTANCE)) >>> 0, at);
    }
  }
}
