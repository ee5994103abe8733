import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AgentCalls } from '../agent/client/calls';
import { CaptureDataStatus } from '../agent/generated/agent';
import { capture, floats } from '../test/agent/support/tensors';
import { inTurn, median, type Row } from './row';

// node client.js <socket> <file of the classifier> <file of the detector>: measures, and prints a row a line as JSON.

interface Case {
  readonly what: string;
  readonly name: string;
  readonly file: string;
  readonly shape: number[];
  readonly times: number;
  readonly goal?: number;
}

/** Time between two frames of the camera. */
const FRAME_MS = 200;
const FRAMES = 12;

async function main([socketPath = '', classifier = '', detector = '']: readonly string[]): Promise<void> {
  const calls = new AgentCalls(socketPath, 60_000);
  const cases: Case[] = [
    { what: '1 kB', name: 'cls', file: classifier, shape: [1, 3, 9, 9], times: 200 },
    { what: '2 MB', name: 'det', file: detector, shape: [1, 3, 416, 416], times: 60, goal: 1.25 },
  ];
  for (const one of cases) {
    print(await benchPredict(calls, one));
  }
  print([
    await benchCapture(calls, {
      what: `Predict of a frame each ${FRAME_MS} ms, its 2.8 MB captured ÷ not`,
      frameMs: FRAME_MS,
      goal: 1.05,
    }),
    await benchCapture(calls, { what: 'Predict without a pause, 64 kB captured ÷ not', frameMs: 0, captured: [1, 16_384], goal: 1.05 }),
    await benchCapture(calls, { what: 'Predict without a pause, its 2.8 MB captured ÷ not', frameMs: 0 }),
  ]);
  calls.close();
}

async function benchPredict(calls: AgentCalls, { what, name, file, shape, times, goal }: Case): Promise<Row[]> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const input = floats('x', shape);
  const values = new Float32Array(shape.reduce((product, dimension) => product * dimension, 1));
  const raw = (): Promise<number> => timed(() => session.run({ x: new Tensor('float32', values, shape) }));
  const overGrpc = (): Promise<number> => timed(() => calls.predict(name, [input]));
  await inTurn(5, overGrpc, raw); // warm
  const { ratio, a, b } = await inTurn(times, overGrpc, raw);
  const rows: Row[] = [{
    what: `Predict over gRPC ÷ onnxruntime, ${what}`,
    ratio,
    ...(goal === undefined ? {} : { goal }),
    detail: `${a.toFixed(2)} ms ÷ ${b.toFixed(2)} ms`,
  }];
  for (const clients of [1, 8]) {
    const rate = await throughput(calls, clients, times, () => calls.predict(name, [input]));
    rows.push({
      what: `throughput of ${clients} client(s) ÷ onnxruntime's, ${what}`,
      ratio: rate / (1000 / b),
      detail: `${rate.toFixed(0)}/s ÷ ${(1000 / b).toFixed(0)}/s (more is better)`,
    });
  }
  await session.release();
  return rows;
}

/** Calls a second. */
async function throughput(calls: AgentCalls, clients: number, each: number, call: () => Promise<unknown>): Promise<number> {
  await calls.listModels();
  const milliseconds = await timed(() => Promise.all(Array.from({ length: clients }, async () => {
    for (let index = 0; index < each; index += 1) {
      await call();
    }
  })));
  return (clients * each * 1000) / milliseconds;
}

interface CaptureCase {
  readonly what: string;
  /** From the start of a prediction to that of the next; 0: at once. */
  readonly frameMs: number;
  /** Shape of the captured tensor; otherwise the prediction's own input and output. */
  readonly captured?: number[];
  readonly goal?: number;
}

/**
 * Time of a prediction while the ones before are captured, accepted and uploaded: a camera does not wait for its
 * captures. At a camera's pace that is what a user sees; without a pause all the work of the captures is in it.
 */
async function benchCapture(calls: AgentCalls, { what, frameMs, captured, goal }: CaptureCase): Promise<Row> {
  const input = floats('x', [1, 3, 416, 416]);
  const block = async (captures: boolean): Promise<number> => {
    const under: Promise<unknown>[] = [];
    let lastId = '';
    const times: number[] = [];
    for (let frame = 0; frame < FRAMES; frame += 1) {
      const next = sleep(frameMs);
      times.push(await timed(async () => {
        const { tensors } = await calls.predict('det', [input]);
        if (!captures) {
          return;
        }
        const request = capture('det', captured === undefined
          ? { inputTensors: [input], outputTensors: tensors }
          : { inputTensors: [floats('captured', captured)] });
        under.push(calls.captureData(request));
        lastId = request.captureId;
      }));
      if (frameMs > 0) {
        await next;
      }
    }
    await Promise.all(under);
    while (captures && (await calls.captureStatus(lastId)).status === CaptureDataStatus.IN_PROGRESS) { // else the next block pays for it
      await sleep(50);
    }
    return median(times);
  };
  const { ratio, a, b } = await inTurn(7, () => block(true), () => block(false));
  return { what, ratio, ...(goal === undefined ? {} : { goal }), detail: `${a.toFixed(2)} ms ÷ ${b.toFixed(2)} ms` };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function print(rows: readonly Row[]): void {
  for (const row of rows) {
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
