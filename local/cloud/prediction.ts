import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { LocalCloud } from './cloud';
import type { MachineSummary } from '../device/host';
import { childEnvironment, inCheckout } from './environment';
import { drawText } from './picture';
import { LocalProblem } from './problem';
import type { Session } from './session';
import { tokenHeader } from '../service/control-token';
import { randomText } from './words';

const KEYS = inCheckout('node_modules', '@gutenye', 'ocr-models', 'assets', 'ppocr_keys_v1.txt');
const SHOWN = 32; // characters of a tensor's base64

interface Answer { readonly text?: string; readonly confidence?: number; readonly captureId?: string; readonly milliseconds?: number }

/** The capture of one prediction, in the form of AWS's agent. */
interface CaptureRecord {
  readonly eventMetadata: { readonly eventId: string };
}

/**
 * What the sample is for: the device reads a picture of words that nobody knew before, and what went in and came out
 * is in the bucket. Fails if it reads anything else, or if nothing is captured.
 */
export async function predict(cloud: LocalCloud, session: Session, modelName: string, captureLocation: string): Promise<string[]> {
  const response = await fetch(`${cloud.endpoints.devices}/machines`, { headers: tokenHeader(cloud.endpoints.controlToken) });
  const [machine] = await response.json() as MachineSummary[];
  if (!machine) {
    throw new LocalProblem('the sample has no simulated device that runs');
  }

  const drawn = randomText();
  const file = path.join(cloud.folder.tmp, 'words.png');
  fs.writeFileSync(file, await drawText(drawn));
  const answer = await askDevice(cloud, session, machine.socket, [
    'PredictAndCapture', modelName, file, '--decode', 'ctc', '--keys', KEYS, '--wait', '300', // seconds until the capture is uploaded: less where the machine is idle
  ]);
  if (answer.text !== drawn) {
    throw new LocalProblem(`the picture says '${drawn}', the device read '${answer.text ?? ''}'`);
  }

  const { keys, record } = await findCapture(cloud, `${captureLocation}/${machine.thingName}/`, answer.captureId ?? '');
  return [
    `device            ${machine.thingName}  agent on ${path.relative(process.cwd(), machine.socket)}`,
    `picture           ${path.relative(process.cwd(), file)}, words drawn at random`,
    `read by device    "${answer.text}"  confidence ${(answer.confidence ?? 0).toFixed(3)}, ${answer.milliseconds ?? 0} ms`,
    ...keys.map((key, index) => (index === 0 ? 'captured' : '').padEnd(18) + key),
    `one record        ${JSON.stringify(record, (_, value: unknown) => (typeof value === 'string' && value.length > 2 * SHOWN ? `${value.slice(0, SHOWN)}…` : value))}`,
  ];
}

/** By the client that comes with the agent, as a person on the device would. */
async function askDevice(cloud: LocalCloud, session: Session, socket: string, args: readonly string[]): Promise<Answer> {
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
