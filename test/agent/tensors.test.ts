import { DataType, type Tensor } from '../../agent/generated/agent';
import { toFeeds } from '../../agent/runtime/tensors';
import type { TensorSpec } from '../../agent/runtime/protocol';

const BYTES = 80_000;
const spec = (name: string): TensorSpec => ({ name, type: 'float64', shape: [BYTES / 8] });

/** Bytes that are all different from their neighbours, and a tensor of them at a place of a message. */
function tensorAt(message: Uint8Array<ArrayBuffer>, offset: number, name: string): { tensor: Tensor; values: Buffer } {
  const byteData = Buffer.from(message.buffer, offset, BYTES);
  byteData.forEach((_, index) => {
    byteData[index] = (index * 31 + offset) % 251;
  });
  return { values: Buffer.from(byteData), tensor: { tensorMetadata: { name, dataType: DataType.FLOAT64, shape: [BYTES / 8] }, data: { $case: 'byteData', byteData } } };
}

it.each([0, 1, 5, 8, 13, 23])('the only tensor of a message stays in its memory, at a place for every type (%i bytes lie before it)', (offset) => {
  const message = new Uint8Array(BYTES + 40);
  const { tensor, values } = tensorAt(message, offset, 'x');
  const [feed] = toFeeds([spec('x')], [tensor]);
  expect(Buffer.from(feed?.data ?? [])).toEqual(values);
  expect(feed?.data.byteOffset).toBe(offset - offset % 8);
  expect(feed?.data.buffer).toBe(message.buffer);
});

it('two tensors of a message get memory of their own each, as each moves away', () => {
  const message = new Uint8Array(2 * BYTES + 40);
  const [first, second] = [tensorAt(message, 9, 'x'), tensorAt(message, BYTES + 14, 'y')];
  const feeds = toFeeds([spec('x'), spec('y')], [first.tensor, second.tensor]);
  expect(feeds.map((feed) => Buffer.from(feed.data))).toEqual([first.values, second.values]);
  expect(new Set([message.buffer, ...feeds.map((feed) => feed.data.buffer)]).size).toBe(3);
});

it('a small tensor is copied out of the memory that Node shares between buffers', () => {
  const byteData = Buffer.from([1, 2, 3]);
  const [feed] = toFeeds([{ name: 'x', type: 'uint8', shape: [3] }], [{ tensorMetadata: undefined, data: { $case: 'byteData', byteData } }]);
  expect(feed?.data).toEqual(Uint8Array.of(1, 2, 3));
  expect(feed?.data.buffer.byteLength).toBe(3);
});
