import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unpack } from '../agent/bootstrap/archive';
import { readZipEntries, zipEntryStream } from '../agent/bootstrap/zip';
import { unpackInPlace } from '../agent/release/packed';
import { cacheFolder, inAssets } from './folders';
import { CliProblem } from './problem';

const MACHINES = ['x64', 'arm64'];
const CLIENT = 'agent-client.js';

/** Whether the agent runs on this machine. */
export function hasRelease(): boolean {
  return process.platform === 'linux' && MACHINES.includes(process.arch);
}

/** The agent's release for this machine, unpacked: a folder of the cache. `note` is told where that takes its time. */
export async function unpackedRelease(note: (line: string) => void): Promise<string> {
  if (!hasRelease()) {
    throw new CliProblem(`the agent runs on Linux on x86_64 and arm64, this is ${process.platform} on ${process.arch}`, [
      'use such a machine, a container, or a virtual machine',
    ]);
  }
  const archive = inAssets('agent', `agent-linux-${process.arch}.zip`);
  return inCache(`agent-${digestOf(archive)}`, async (folder) => {
    note(`unpacking the agent and ONNX Runtime for linux-${process.arch} into ${cacheFolder()}, once: it takes some seconds`);
    await unpack(archive, folder);
    await unpackInPlace(folder);
  });
}

/** The agent's client alone, which runs on any machine that Node runs on. */
export async function clientFile(): Promise<string> {
  const archive = inAssets('agent', `agent-linux-${MACHINES.includes(process.arch) ? process.arch : 'x64'}.zip`);
  const folder = await inCache(`client-${digestOf(archive)}`, async (made) => {
    const entry = (await readZipEntries(archive)).find(({ name }) => name === CLIENT);
    if (entry === undefined) {
      throw new Error(`${archive} has no ${CLIENT}`);
    }
    await pipeline(zipEntryStream(archive, entry), createWriteStream(join(made, CLIENT)));
  });
  return join(folder, CLIENT);
}

/** A folder of the cache, made whole or not at all: another process may want it at the same time. */
async function inCache(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) {
    return folder;
  }
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const made = await mkdtemp(`${folder}-`);
  try {
    await fill(made);
    await rename(made, folder).catch((error: unknown) => {
      if (!existsSync(folder)) {
        throw error;
      }
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}

/** The digest that the build has taken of a release: its folder in the cache goes by it. */
function digestOf(archive: string): string {
  const digests = JSON.parse(readFileSync(inAssets('agent', 'digests.json'), 'utf8')) as Record<string, string>;
  const digest = digests[basename(archive)];
  if (digest === undefined) {
    throw new Error(`digests.json has no ${basename(archive)}`);
  }
  return digest.slice(0, 16);
}
