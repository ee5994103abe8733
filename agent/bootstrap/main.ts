import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsSecrets, S3Objects } from './aws';
import { CaptureDrain } from './capture-drain';
import type { AgentHost, Clock } from './contracts';
import { Device } from './device';
import type { Owner } from './files';
import { Generations } from './generation';
import { connectAgent } from './grpc-connection';
import { log } from './log';
import { DevicePaths } from './paths';
import { ProcessHost } from './process-host';
import { AMAZON_ROOT_CA_1 } from './root-ca';
import { readSettings, type Settings } from './settings';
import { ArtifactStore, hashFile } from './store';
import { Switcher } from './switcher';
import { runCommand, SystemdHost } from './systemd-host';

/** The rights to a new artifact reach S3 seconds after CloudFormation granted them. After this time they are missing. */
const DOWNLOAD_RETRY_MS = 90_000;

/** Leaves by this status for the bootstrap that the manifest asks for. */
const SUPERSEDED = 75;

async function main(): Promise<number> {
  const settings = readSettings(process.env);
  const paths = new DevicePaths(settings.root, settings.run);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  const clock: Clock = {
    now: Date.now,
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined),
  };
  const retry = { clock, totalMs: DOWNLOAD_RETRY_MS };
  const objects = new S3Objects();
  const store = new ArtifactStore(paths.store, objects, retry);
  const owner = settings.agentUser === undefined ? undefined : await ownerOf(settings.agentUser);
  const rootCa = settings.rootCaFile === undefined ? AMAZON_ROOT_CA_1 : await readFile(settings.rootCaFile, 'utf8');
  const generations = new Generations({ paths, store, secrets: new AwsSecrets(), retry, rootCa, ...owner === undefined ? {} : { owner } });
  const host = await makeHost(settings, paths, owner);
  const drain = new CaptureDrain(paths, generations, host);
  const switcher = new Switcher({ paths, generations, host, clock, connect: connectAgent, drain });
  const device = new Device({ ...settings, ownDigest: await hashFile(__filename), objects, generations, switcher, clock });
  log('the bootstrap watches the manifest', { bucket: settings.bucket, key: settings.manifestKey });
  const ending = await device.run(stop.signal);
  if (settings.agentUser === undefined) { // under systemd agents go on by themselves
    await host.stopAllBut(undefined);
  }
  log('the bootstrap ends', { ending });
  return ending === 'superseded' ? SUPERSEDED : 0;
}

async function makeHost(settings: Settings, paths: DevicePaths, owner: Owner | undefined): Promise<AgentHost> {
  if (settings.agentUser === undefined || owner === undefined) {
    return new ProcessHost(paths, process.execPath, process.env);
  }
  const host = new SystemdHost({
    paths,
    node: process.execPath,
    user: settings.agentUser,
    owner,
    unitFolder: '/etc/systemd/system',
    run: runCommand,
  });
  await host.install();
  return host;
}

async function ownerOf(user: string): Promise<Owner> {
  const id = async (option: string): Promise<number> => {
    const { code, output } = await runCommand('id', [option, user]);
    if (code !== 0) {
      throw new Error(`user ${user} does not exist: ${output.trim()}`);
    }
    return Number(output);
  };
  return { uid: await id('-u'), gid: await id('-g') };
}

main().then((status) => {
  process.exitCode = status;
  process.exit();
}, (error: unknown) => {
  log('the bootstrap failed', { reason: error instanceof Error ? error.stack ?? error.message : String(error) });
  process.exit(1);
});
