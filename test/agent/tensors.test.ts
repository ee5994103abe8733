import { Duplex } from 'node:stream';
import { DataType, type Tensor } from '../../agent/generated/agent';
import { FrameStream, type Frame } from '../../agent/runtime/frames';
import { toFeeds } from '../../agent/runtime/tensors';
import { waitFor } from './support/agent-process';
import type { RawTensor, TensorSpec } from '../../agent/runtime/protocol';

const BYTES = 80_000;
const spec = (name: string): TensorSpec => ({ name, type: 'float64', shape: [BYTES / 8] });

/** Bytes that are all different from their neighbours, and a tensor of them at a place of a message. */
function tensorAt(message: Uint8Array<ArrayBuffer>, offset: number, name: string): { tensor: Tensor; values: Buffer } {
  const byteData = Buffer.from(message.buffer, offset, BYTES);
  byteData.forEach((_, index) => {
    byteData[index] = (index * 31 + offset) % 251;
  });
  const tensorMetadata = { name, dataType: DataType.FLOAT64, shape: [BYTES / 8] };
  return { values: Buffer.from(byteData), tensor: { tensorMetadata, data: { $case: 'byteData', byteData } } };
}

it.each([0, 1, 5, 8, 13, 23])('the tensors of a message are not copied, wherever they lie (%i bytes lie before the first)', (offset) => {
  const message = new Uint8Array(2 * BYTES + 40);
  const [first, second] = [tensorAt(message, offset, 'x'), tensorAt(message, BYTES + offset + 5, 'y')];
  const feeds = toFeeds([spec('x'), spec('y')], [first.tensor, second.tensor]);
  expect(feeds.map((feed) => Buffer.from(feed.data))).toEqual([first.values, second.values]);
  expect(feeds.map((feed) => feed.data.buffer)).toEqual([message.buffer, message.buffer]);
});

/** Two ends of a socket: what one writes, the other reads. */
async function connectedFrames(chunkBytes: number): Promise<{ sent: (frame: Frame) => void; received: Frame[] }> {
  const received: Frame[] = [];
  const wire = new Duplex({ read: () => undefined, write: (chunk: Buffer, _, done) => {
    for (let at = 0; at < chunk.length; at += chunkBytes) {
      wire.push(Buffer.from(chunk.subarray(at, at + chunkBytes)));
    }
    done();
  } });
  const frames = new FrameStream(wire, (frame) => {
    received.push(frame);
  });
  await Promise.resolve();
  return { received, sent: (frame) => {
    frames.send(frame);
  } };
}

it.each([1, 7, 65_536])('frames arrive whole, each tensor in memory of its own that suits every type (in pieces of %i bytes)', async (chunkBytes) => {
  const { sent, received } = await connectedFrames(chunkBytes);
  const tensors: RawTensor[] = [
    { name: 'x', type: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
    { name: '空 :', type: 'float64', shape: [0], data: new Uint8Array() },
    { name: 'z', type: 'int64', shape: [2], data: new Uint8Array(BigInt64Array.of(1n, -1n).buffer) },
  ];
  sent({ message: { kind: 'predict' }, tensors });
  sent({ message: 2, tensors: [] });
  await waitFor('both frames', () => received.length === 2);
  expect(received.map(({ message }) => message)).toEqual([{ kind: 'predict' }, 2]);
  expect(received[0]?.tensors.map((tensor) => ({ ...tensor, data: new Uint8Array(tensor.data) }))).toEqual(tensors);
  expect(received[0]?.tensors.map(({ data }) => data.byteOffset)).toEqual([0, 0, 0]);
});
