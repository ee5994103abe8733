import { randomUUID } from 'node:crypto';
import { DataType, type CaptureDataRequest, type Tensor } from '../../../agent/generated/agent';

export function tensor(name: string, dataType: DataType, shape: number[], data: NodeJS.TypedArray | Buffer): Tensor {
  return { tensorMetadata: { name, dataType, shape }, data: { $case: 'byteData', byteData: Buffer.from(data.buffer, data.byteOffset, data.byteLength) } };
}

export function floats(name: string, shape: number[], values?: number[]): Tensor {
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  return tensor(name, DataType.FLOAT32, shape, values === undefined ? new Float32Array(length) : Float32Array.from(values));
}

/** A capture of one small input, taken now. */
export function capture(modelName: string, change: Partial<CaptureDataRequest> = {}): CaptureDataRequest {
  return {
    modelName, captureId: randomUUID(), inferenceTimestamp: now(),
    inputTensors: [floats('x', [2], [1, 2])], outputTensors: [], inputs: [], outputs: [], ...change,
  };
}

export function now(offsetSeconds = 0): { seconds: bigint; nanos: number } {
  const milliseconds = Date.now() + offsetSeconds * 1000;
  return { seconds: BigInt(Math.floor(milliseconds / 1000)), nanos: (milliseconds % 1000) * 1_000_000 };
}

export function bytes(answer: Tensor | undefined): Buffer {
  if (answer?.data?.$case !== 'byteData') {
    throw new Error('a tensor without bytes');
  }
  return answer.data.byteData;
}
