import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { writeNpy } from '../../../agent/client/npy';
import { REGION } from '../../service/account';
import { isRecord } from '../../service/validator';
import type { LocalCloud } from '../cloud';
import { askDevice, firstMachine } from '../prediction';
import { LocalProblem } from '../problem';
import type { Session } from '../session';

/** As skl2onnx names the input of a model. */
const INPUT = 'X';
const MODEL = 'houses';
/** How far predictions for the same row may be apart. */
const TOLERANCE = 1e-5;

/** What the three places say of the same rows. */
export interface Predictions {
  /** The evaluation job's own script. */
  readonly script: readonly number[];
  readonly endpoint: readonly number[];
  readonly device: readonly number[];
}

/** Rows of features, as 32-bit numbers one after the other. */
export interface Rows { readonly count: number; readonly columns: number; readonly values: Float32Array }

/** The first rows of the CSV files of a folder, in the order of their names, without the last column: that is what is predicted. */
export function readRows(folder: string, count: number): Rows {
  const lines = fs.readdirSync(folder).filter((name) => name.endsWith('.csv')).sort().flatMap((name) => (
    fs.readFileSync(path.join(folder, name), 'utf8').trim().split('\n').slice(1)
  ));
  const rows = lines.slice(0, count).map((line) => line.split(',').slice(0, -1).map(Number));
  const [first = []] = rows;
  if (rows.length < count || rows.flat().some((value) => !Number.isFinite(value))) {
    throw new LocalProblem(`${folder} must have ${count} rows of numbers, got ${rows.length}: ${JSON.stringify(rows)}`);
  }
  return { count, columns: first.length, values: Float32Array.from(rows.flat()) };
}

/** What the evaluation job has kept beside its result. */
export async function ofScript({ clients }: LocalCloud, evaluation: string): Promise<number[]> {
  const { host, pathname } = new URL(evaluation);
  const { Body: body } = await clients.s3.send(new GetObjectCommand({ Bucket: host, Key: `${pathname.slice(1)}/data/predictions.json` }));
  return numbers('the evaluation', JSON.parse(await body?.transformToString() ?? ''));
}

/** By KServe's protocol, which Triton speaks. */
export async function ofEndpoint({ endpoints }: LocalCloud, EndpointName: string, { count, columns, values }: Rows): Promise<number[]> {
  const runtime = new SageMakerRuntimeClient({ region: REGION, endpoint: endpoints.sageMakerRuntime, credentials: endpoints.root });
  try {
    const { Body: body } = await runtime.send(new InvokeEndpointCommand({
      EndpointName, ContentType: 'application/json',
      Body: JSON.stringify({ inputs: [{ name: INPUT, shape: [count, columns], datatype: 'FP32', data: [...values] }] }),
    }));
    const answer: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const outputs: unknown[] = isRecord(answer) && Array.isArray(answer.outputs) ? answer.outputs : [];
    return numbers('the endpoint', isRecord(outputs[0]) ? outputs[0].data : undefined);
  } finally {
    runtime.destroy();
  }
}

/** By the client that comes with the agent. */
export async function ofDevice(cloud: LocalCloud, session: Session, { count, columns, values }: Rows): Promise<number[]> {
  const machine = await firstMachine(cloud);
  const file = path.join(cloud.folder.tmp, 'rows.npy');
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  fs.writeFileSync(file, writeNpy({ type: 'float32', shape: [count, columns], data }));
  const { outputs = [] } = await askDevice(cloud, session, machine.socket, ['Predict', MODEL, file]);
  return numbers('the device', outputs[0]?.values);
}

/** The largest difference between any two places. Throws where they have not predicted for the same number of rows. */
export function largestDifference({ script, endpoint, device }: Predictions): number {
  if (script.length === 0 || script.length !== endpoint.length || script.length !== device.length) {
    throw new LocalProblem(`each place must predict for the same rows, got ${script.length} of the script, ${endpoint.length} of the endpoint, ${device.length} of the device`);
  }
  return Math.max(...script.map((value, row) => {
    const all = [value, endpoint[row] ?? Infinity, device[row] ?? Infinity];
    return Math.max(...all) - Math.min(...all);
  }));
}

/** The three places side by side. Throws where they differ. */
export function predictionLines(predictions: Predictions): string[] {
  const difference = largestDifference(predictions);
  const { script, endpoint, device } = predictions;
  const lines = script.map((value, row) => [value, endpoint[row] ?? NaN, device[row] ?? NaN].map((each) => each.toFixed(7).padStart(12)).join(''));
  if (difference > TOLERANCE) {
    throw new LocalProblem(`predictions of the same rows must be equal within ${TOLERANCE}, got a difference of ${difference}:`, lines);
  }
  return [['script', 'endpoint', 'device'].map((place) => place.padStart(12)).join(''), ...lines, `largest difference ${difference.toExponential(1)}`];
}

function numbers(who: string, value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value.flat() : [];
  if (list.length === 0 || !list.every((each) => Number.isFinite(each))) {
    throw new LocalProblem(`${who} must give a list of numbers, got ${JSON.stringify(value)}`);
  }
  return list.map(Number);
}
