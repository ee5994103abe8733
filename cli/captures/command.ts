import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { writeNpy } from '../../agent/client/npy';
import { captures, findCapture, LATEST } from './find';
import type { CapturedItem, CaptureRecord } from '../../agent/capture/read/record';
import { storeAt, type CaptureStore } from './store';
import { bytesOf, picturesOf, summary, tensorOf } from '../../agent/capture/read/values';
import { localClients } from '../local-clients';
import { usageProblem } from '../problem';

const MANY = '50';
const LOCATION = 's3://<bucket>/<prefix>, or a folder with captures of a device or bucket';
const ID = `the capture's id, the beginning of it, or ${LATEST}`;
const SHOWN = 200;

interface Common { readonly local: boolean; readonly json: boolean }
interface ListOptions extends Common { readonly model?: string; readonly device?: string; readonly limit: string }
interface ExportOptions extends Common { readonly output: string }

/** `captures`: what devices have captured. */
export function capturesCommand(): Command {
  const all = new Command('captures').description('what devices have captured: ls, show, export (tensors as .npy, pictures as PNG)');
  const command = (name: string, description: string): Command => all.command(name).description(description)
    .argument('<location>', LOCATION)
    .option('--local', 'a bucket of the local cloud of this folder', false)
    .option('--json', 'JSON instead of text', false);
  command('ls', 'list captures, the newest first')
    .option('--model <name>', 'of this model alone').option('--device <name>', 'of this device alone')
    .option('--limit <number>', 'no more than these', MANY)
    .action(list);
  command('show', 'show a capture: its tensors, with type, shape and values').argument('<id>', ID).action(show);
  command('export', 'write the tensors of a capture as .npy, pictures as PNG, other data as they are')
    .argument('<id>', ID).requiredOption('-o, --output <folder>', 'where to').action(exportCapture);
  return all.addHelpText('after', `
Credentials and region come from where the AWS CLI takes them. A bucket's location is the output of CaptureBucket.captureUri.`);
}

/** Opens the place for as long as the work takes. */
async function at<T>(location: string, { local }: Common, work: (store: CaptureStore) => Promise<T>): Promise<T> {
  if (!local) {
    return work(storeAt(location));
  }
  const clients = localClients();
  try {
    return await work(storeAt(location, () => clients.s3));
  } finally {
    clients.close();
  }
}

async function list(location: string, options: ListOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageProblem(`--limit must be a whole number above 0, got ${options.limit}`);
  }
  await at(location, options, async (store) => {
    let count = 0;
    for await (const capture of captures(store)) {
      const { id, time, device, modelName, modelVersion, items } = capture;
      if ((options.model ?? modelName) !== modelName || (options.device ?? device) !== device) {
        continue;
      }
      console.log(options.json ? JSON.stringify(capture) : `${time}  ${id}  ${device}  ${modelName} ${modelVersion}  ${items.map(briefly).join(', ')}`);
      count += 1;
      if (count === limit) {
        return;
      }
    }
    if (count === 0 && !options.json) {
      console.log('no captures');
    }
  });
}

async function show(location: string, id: string, options: Common): Promise<void> {
  await at(location, options, async (store) => {
    const capture = await findCapture(store, id);
    if (options.json) {
      console.log(JSON.stringify(capture));
      return;
    }
    for (const line of headOf(capture)) {
      console.log(line);
    }
    for (const item of capture.items) {
      const bytes = await contentOf(store, item);
      const tensor = tensorOf(item, bytes);
      console.log(`${item.group.padEnd(7)} ${item.name}  ${tensor === undefined ? otherSummary(item, bytes) : summary(tensor)}`);
    }
  });
}

async function exportCapture(location: string, id: string, options: ExportOptions): Promise<void> {
  await at(location, options, async (store) => {
    const capture = await findCapture(store, id);
    const folder = resolve(options.output);
    mkdirSync(folder, { recursive: true });
    const written: string[] = [];
    const write = (name: string, content: Buffer | string): void => {
      const file = join(folder, name);
      writeFileSync(file, content);
      written.push(file);
    };
    write('capture.json', `${JSON.stringify(capture, undefined, 2)}\n`);
    for (const [index, item] of capture.items.entries()) {
      writeItem(`${item.group}-${index}-${item.name.replaceAll(/[^\w.-]/g, '_').slice(0, 64)}`, item, await contentOf(store, item), write);
    }
    console.log(options.json ? JSON.stringify(written) : written.join('\n'));
  });
}

function writeItem(name: string, item: CapturedItem, bytes: Buffer, write: (name: string, content: Buffer) => void): void {
  const tensor = tensorOf(item, bytes);
  if (tensor === undefined) {
    write(`${name}${extensionOf(item, bytes)}`, bytes);
    return;
  }
  write(`${name}.npy`, writeNpy(tensor));
  const pictures = picturesOf(tensor);
  pictures.forEach((picture, index) => {
    write(`${name}${pictures.length === 1 ? '' : `-${index}`}.png`, picture);
  });
}

async function contentOf(store: CaptureStore, item: CapturedItem): Promise<Buffer> {
  return bytesOf(item, item.reference === undefined ? undefined : await store.resolve(item.reference));
}

function headOf({ id, time, device, fleet, modelName, modelVersion }: CaptureRecord): string[] {
  return [`capture ${id}`, `time    ${time} UTC`, `device  ${device} of ${fleet}`, `model   ${modelName} ${modelVersion}`];
}

function briefly({ group, name, contentType }: CapturedItem): string {
  return `${group} ${name} ${contentType}`;
}

function otherSummary({ contentType }: CapturedItem, bytes: Buffer): string {
  const text = isText(bytes) ? `: ${bytes.toString('utf8').slice(0, SHOWN)}${bytes.length > SHOWN ? '…' : ''}` : '';
  return `${contentType}, ${bytes.length} bytes${text}`;
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes) && !bytes.includes(0);
}

const SIGNATURES = [['89504e47', '.png'], ['ffd8ff', '.jpg'], ['424d', '.bmp']] as const;
const EXTENSIONS: Readonly<Record<string, string>> = { 'text/csv': '.csv', json: '.json' };

/** By the content where that tells, else by the type that the client gave. */
function extensionOf({ contentType }: CapturedItem, bytes: Buffer): string {
  const head = bytes.subarray(0, 4).toString('hex');
  return SIGNATURES.find(([signature]) => head.startsWith(signature))?.[1] ?? EXTENSIONS[contentType] ?? '.bin';
}
