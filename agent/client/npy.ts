import { ELEMENT_BYTES, type ElementType } from '../runtime/protocol';

/** A tensor of the client's side. */
export interface ClientTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Buffer;
}

const TYPES: Readonly<Record<string, ElementType>> = {
  u1: 'uint8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/** Whether a file is numpy's. */
export function isNpy(file: Buffer): boolean {
  return file.toString('latin1', 0, 6) === '\x93NUMPY';
}

/** numpy's format, versions 1 to 3, little-endian, C order. */
export function readNpy(file: Buffer): Omit<ClientTensor, 'name'> {
  const long = file.readUInt8(6) > 1;
  const start = long ? 12 : 10;
  const length = long ? file.readUInt32LE(8) : file.readUInt16LE(8);
  const header = file.toString('latin1', start, start + length);
  const descriptor = /'descr'\s*:\s*'([<|=]?)(\w\d)'/.exec(header)?.[2];
  const type = TYPES[descriptor ?? ''];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (type === undefined || shape === undefined || !/'fortran_order'\s*:\s*False/.test(header)) {
    throw new Error(`.npy: wanted little-endian C order of ${Object.values(TYPES).join(', ')}, got ${header.trim()}`);
  }
  const dimensions = shape.split(',').map((part) => part.trim()).filter((part) => part !== '').map(Number);
  const data = file.subarray(start + length);
  const wanted = dimensions.reduce((product, dimension) => product * dimension, ELEMENT_BYTES[type]);
  if (data.length !== wanted) {
    throw new Error(`.npy: [${dimensions.join(', ')}] of ${type} is ${wanted} bytes, got ${data.length}`);
  }
  return { type, shape: dimensions, data };
}

/** numpy's format, version 1. */
export function writeNpy({ type, shape, data }: Omit<ClientTensor, 'name'>): Buffer {
  const code = Object.keys(TYPES).find((key) => TYPES[key] === type) ?? 'u1';
  const dimensions = shape.length === 1 ? `${shape.join('')},` : shape.join(', ');
  const text = `{'descr': '${type === 'uint8' ? '|' : '<'}${code}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const padded = `${text}${' '.repeat(63 - ((10 + text.length) % 64))}\n`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), data]);
}
