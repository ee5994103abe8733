import { Client, credentials, status } from '@grpc/grpc-js';
import { CaptureDataRequest, LoadModelRequest, PredictRequest } from '../../../agent/generated/agent';
import { capture, floats } from './tensors';

const PARALLEL = 64;
const CALLS = ['Predict', 'LoadModel', 'UnLoadModel', 'ListModels', 'DescribeModel', 'CaptureData', 'GetCaptureDataStatus', 'Nothing'];

/** xorshift, with a fixed seed: a failure can be run again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Sends noise and damaged requests, to models named `open` and `cls`; gives back how often each code came. */
export async function sendMalformed(socketPath: string, modelFolder: string, requests: number, seed: number): Promise<Map<string, number>> {
  const below = generator(seed);
  const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
  const valid = [
    PredictRequest.encode({ name: 'open', tensors: [floats('x', [2, 3])] }).finish(),
    PredictRequest.encode({ name: 'cls', tensors: [floats('x', [1, 3, 8, 8])] }).finish(),
    LoadModelRequest.encode({ name: 'other', url: modelFolder }).finish(),
    CaptureDataRequest.encode(capture('open')).finish(),
  ].map((bytes) => Buffer.from(bytes));
  const message = (call: string): Buffer => {
    // Another call's bytes would be a valid wish to unload: the models shall stay.
    if (call === 'UnLoadModel' || below(3) === 0) {
      return noise(below(200));
    }
    const bytes = Buffer.from(valid[below(valid.length)] ?? []);
    for (let change = below(4); change >= 0; change -= 1) {
      bytes[below(bytes.length)] = below(256);
    }
    return below(4) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes;
  };
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure());
  const codes = new Map<string, number>();
  const send = (): Promise<void> => new Promise((resolve) => {
    const call = CALLS[below(CALLS.length)] ?? '';
    client.makeUnaryRequest(`/AWS.SageMaker.Edge.Agent/${call}`, (bytes: Buffer) => bytes, (bytes) => bytes, message(call), { deadline: Date.now() + 30_000 }, (error) => {
      const code = status[error?.code ?? status.OK];
      codes.set(code, (codes.get(code) ?? 0) + 1);
      resolve();
    });
  });
  let sent = 0;
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    while (sent < requests) {
      sent += 1;
      await send();
    }
  }));
  client.close();
  return codes;
}
