import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { LocalCloud } from './cloud';
import type { MachineSummary } from '../device/host';
import { childEnvironment } from './environment';
import { inCheckout } from './folder';
import { drawText } from './picture';
import { listMachines } from './machines';
import { LocalProblem } from './problem';
import type { Session } from './session';
import { randomText } from './words';

const KEYS = inCheckout('node_modules', '@gutenye', 'ocr-models', 'assets', 'ppocr_keys_v1.txt');
const SHOWN = 32; // characters of a tensor's base64

/** An output tensor; its values, if they are no more than JSON shows. */
export interface Output { readonly name: string; readonly shape: readonly number[]; readonly values?: readonly number[] }

export interface Answer {
  readonly text?: string;
  readonly confidence?: number;
  readonly captureId?: string;
  readonly milliseconds?: number;
  readonly outputs?: readonly Output[];
}

/** The capture of one prediction, in the form of AWS's agent. */
interface CaptureRecord {
  readonly eventMetadata: { readonly eventId: string };
}

/**
 * What the sample is for: the device reads a picture of words that nobody knew before, and what went in and came out
 * is in the bucket. Fails if it reads anything else, or if nothing is captured.
 */
export async function predictText(cloud: LocalCloud, session: Session, modelName: string, captureLocation: string): Promise<string[]> {
  const machine = await firstMachine(cloud);
  const drawn = randomText();
  const file = path.join(cloud.folder.tmp, 'words.png');
  fs.writeFileSync(file, await drawText(drawn));
  const { text = '', confidence = 0, ...answer } = await predict(cloud, session, machine, [modelName, file, '--decode', 'ctc', '--keys', KEYS]);
  if (text !== drawn) {
    throw new LocalProblem(`the picture says '${drawn}', the device read '${text}'`);
  }
  return [
    ...ofDevice(machine),
    `picture           ${relative(file)}, words drawn at random`,
    `read by device    "${text}"  confidence ${confidence.toFixed(3)}, ${answer.milliseconds ?? 0} ms`,
    ...await ofCapture(cloud, machine, captureLocation, answer),
  ];
}

/** The same with a model and an input of the user's. Fails if nothing is captured. */
export async function predictFile(
  cloud: LocalCloud, session: Session, modelName: string, captureLocation: string, file: string,
): Promise<string[]> {
  const machine = await firstMachine(cloud);
  const { captureId, ...answer } = await predict(cloud, session, machine, [modelName, path.resolve(file)]);
  return [
    ...ofDevice(machine),
    `answer            ${shorten(answer)}`,
    ...await ofCapture(cloud, machine, captureLocation, { captureId }),
  ];
}

export async function firstMachine(cloud: LocalCloud): Promise<MachineSummary> {
  const [machine] = await listMachines(cloud.endpoints);
  if (!machine) {
    throw new LocalProblem('the sample has no simulated device that runs');
  }
  return machine;
}

async function predict(cloud: LocalCloud, session: Session, machine: MachineSummary, args: readonly string[]): Promise<Answer> {
  // seconds until the capture is uploaded: less where the machine is idle
  return askDevice(cloud, session, machine.socket, ['PredictAndCapture', ...args, '--wait', '300']);
}

function ofDevice({ thingName, socket }: MachineSummary): string[] {
  return [`device            ${thingName}  agent on ${relative(socket)}`];
}

async function ofCapture(cloud: LocalCloud, { thingName }: MachineSummary, location: string, { captureId = '' }: Answer): Promise<string[]> {
  const { keys, record } = await findCapture(cloud, `${location}/${thingName}/`, captureId);
  return [
    ...keys.map((key, index) => (index === 0 ? 'captured' : '').padEnd(18) + key),
    `one record        ${shorten(record)}`,
  ];
}

/** JSON with long texts cut off. */
function shorten(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' && part.length > 2 * SHOWN ? `${part.slice(0, SHOWN)}…` : part));
}

function relative(file: string): string {
  return path.relative(process.cwd(), file);
}

/** By the client that comes with the agent, as a person on the device would. */
export async function askDevice(cloud: LocalCloud, session: Session, socket: string, args: readonly string[]): Promise<Answer> {
  const client = inCheckout('assets', 'agent', 'agent-client.js');
  const { code, lines } = await session.run({
    name: 'agent-client',
    command: process.execPath,
    args: [client, '-a', socket, '--json', ...args],
    env: childEnvironment(cloud.folder),
    cwd: cloud.folder.root,
  });
  if (code !== 0) {
    throw new LocalProblem('the prediction failed:', lines);
  }
  return JSON.parse(lines.join('\n')) as Answer;
}

/** The objects that a capture made, and its record. */
async function findCapture(cloud: LocalCloud, uri: string, captureId: string): Promise<{ keys: string[]; record: CaptureRecord }> {
  const { host: Bucket, pathname } = new URL(uri);
  const { s3 } = cloud.clients;
  const found: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: pathname.slice(1) })) {
    found.push(...Contents.map(({ Key = '' }) => Key));
  }
  for (const Key of found.filter((key) => key.endsWith('.jsonl'))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const lines = (await Body?.transformToString() ?? '').split('\n').filter((line) => line !== '');
    const records = lines.map((line) => JSON.parse(line) as CaptureRecord);
    const record = records.find(({ eventMetadata }) => eventMetadata.eventId === captureId);
    if (record) {
      return { keys: found.map((key) => `s3://${Bucket}/${key}`), record };
    }
  }
  throw new LocalProblem(`the capture ${captureId} is not below ${uri}`, found);
}
