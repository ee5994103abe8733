// @ts-check
// Writes model.onnx: y = x * <factor>, for x of [1, 4] float32. By hand, so that a newcomer's folder needs no Python for it.
import { writeFileSync } from 'node:fs';

/** @param {number} value */
const varint = (value) => {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      return Buffer.from([...bytes, rest]);
    }
    bytes.push(rest % 128 + 128);
  }
};
/** @type {(number: number, value: number) => Buffer} */
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
/** @type {(number: number, content: Buffer | string) => Buffer} */
const bytes = (field, content) => Buffer.concat([varint(field * 8 + 2), varint(Buffer.byteLength(content)), Buffer.from(content)]);
/** @param {Buffer[]} parts */
const join = (parts) => Buffer.concat(parts);

/** @param {string} name */
const tensor = (name) => {
  const shape = join([bytes(1, number(1, 1)), bytes(1, number(1, 4))]);
  return join([bytes(1, name), bytes(2, bytes(1, join([number(1, 1), bytes(2, shape)])))]);
};
const factor = Buffer.alloc(4);
factor.writeFloatLE(Number(process.argv[2]));
const graph = join([
  bytes(1, join([bytes(1, 'x'), bytes(1, 'factor'), bytes(2, 'y'), bytes(4, 'Mul')])),
  bytes(2, 'scale'),
  bytes(5, join([number(1, 1), number(2, 1), bytes(8, 'factor'), bytes(9, factor)])),
  bytes(11, tensor('x')),
  bytes(12, tensor('y')),
]);
writeFileSync('model.onnx', join([number(1, 8), bytes(7, graph), bytes(8, join([bytes(1, ''), number(2, 13)]))]));
