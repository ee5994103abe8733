import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_KEY } from '../service/account';
import { CdkCli } from './cdk';
import { Clients, type Endpoints } from './clients';
import { childEnvironment, emulatorEnvironment, inCheckout } from './environment';
import { CHECKOUT, type LocalFolder } from './folder';
import { freePort, isFree } from './ports';
import { LocalProblem } from './problem';
import type { Progress } from './progress';
import type { ProcessGroup } from './processes';
import { ensureCertificates, ensurePython } from './python';
import type { JobDelays } from '../sagemaker/contracts';
import type { Session } from './session';
import { isStandInPorts, type StandInSettings } from './stand-in-settings';
import type { StateFile } from './state';
import { errorText } from '../service/errors';

const READY_MS = 60_000;
const ATTEMPTS = 3;

export interface CloudOptions {
  readonly session: Session;
  readonly folder: LocalFolder;
  readonly progress: Progress;
  readonly state: StateFile;
  readonly delays?: JobDelays;
  /** Take `assets/` as they are; else they are bundled anew, since a stale one would be deployed. */
  readonly prebuilt?: boolean;
}

/** A running local cloud: the emulator and the stand-ins beside it. */
export class LocalCloud {
  public readonly cdk: CdkCli;
  private clientsMade: Clients | undefined;

  public constructor(session: Session, public readonly folder: LocalFolder, public readonly endpoints: Endpoints) {
    this.cdk = new CdkCli(session, folder, endpoints);
  }

  /** As root. */
  public get clients(): Clients {
    return this.clientsMade ??= new Clients(this.endpoints);
  }

  public close(): void {
    this.clientsMade?.close();
  }

  /** Starts everything up to the bootstrapped, empty account. */
  public static async start(options: CloudOptions): Promise<LocalCloud> {
    const { session, folder, progress } = options;
    prepare(folder);
    await progress.step('Python environment of the emulator', async () => {
      await ensurePython(session, folder, (line) => {
        progress.note(line);
      });
      await ensureCertificates(session, folder);
    });
    if (options.prebuilt !== true) {
      await buildAssets(session, folder, progress);
    }
    const cloud = await progress.step('emulator and stand-ins', async () => startProcesses(options));
    progress.note(`emulator ${cloud.endpoints.emulator} (TLS, IAM enforced), SageMaker stand-in ${cloud.endpoints.sageMaker}, IoT ${cloud.endpoints.iot}`);
    return cloud;
  }
}

/** A fresh start: nothing of an earlier run is left in what this one writes. */
function prepare(folder: LocalFolder): void {
  for (const old of [folder.tmp, folder.home, folder.requests, folder.logs, folder.devices, folder.sockets, folder.greengrass]) {
    fs.rmSync(old, { recursive: true, force: true });
  }
  for (const made of [folder.root, folder.tmp, folder.home, folder.logs]) {
    fs.mkdirSync(made, { recursive: true });
  }
  fs.writeFileSync(folder.requests, '');
}

/** Bundles handlers, agent and bootstrap. */
async function buildAssets(session: Session, folder: LocalFolder, progress: Progress): Promise<void> {
  await progress.step('handler and agent bundles', async () => {
    const { code, lines } = await session.run({
      name: 'build-assets',
      command: process.execPath,
      args: ['--import', 'tsx', inCheckout('scripts', 'build-assets.ts')],
      env: childEnvironment(folder),
      cwd: CHECKOUT,
    });
    if (code !== 0) {
      throw new LocalProblem('the handlers and the agent could not be bundled:', lines);
    }
  });
}

async function startProcesses(options: CloudOptions): Promise<LocalCloud> {
  const fixed = fixedPort();
  if (fixed !== undefined && !await isFree(fixed)) {
    throw new LocalProblem(`MINISTACK_PORT=${fixed} is taken`, ['free it, give another one, or leave MINISTACK_PORT unset: then a free port is chosen']);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(options, fixed ?? await freePort());
    } catch (error) {
      // between choosing a free port and listening on it, another program can take it
      if (!(error instanceof PortTaken) || fixed !== undefined || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}

class PortTaken extends LocalProblem {}

function fixedPort(): number | undefined {
  const { MINISTACK_PORT: text } = process.env;
  if (text === undefined || text === '') {
    return undefined;
  }
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new LocalProblem(`MINISTACK_PORT must be a port from 1 to 65535, got '${text}'`);
  }
  return port;
}

async function startOn(options: CloudOptions, port: number): Promise<LocalCloud> {
  const { session, folder, state } = options;
  const emulator = `https://127.0.0.1:${port}`; // not localhost: the S3 client would ask for <bucket>.localhost
  const standIns = await startStandIns(options, emulator);
  const ports = await session.step(async () => standIns.message());
  if (!isStandInPorts(ports)) {
    throw new LocalProblem(`the stand-ins said something else than their ports: ${JSON.stringify(ports)}`);
  }
  session.watch(standIns, folder.log('stand-ins'));

  const endpoints: Endpoints = { emulator, ...ports, caFile: folder.caFile };
  const ministack = await session.start({
    name: 'emulator (ministack)', command: folder.python, args: ['-m', 'ministack'], cwd: folder.tmp,
    env: emulatorEnvironment(folder, endpoints, port), logFile: folder.log('ministack'),
  });
  state.update({ endpoints });
  const cloud = new LocalCloud(session, folder, endpoints);
  try {
    await session.step(async () => ready(cloud, ministack));
  } catch (error) {
    if (error instanceof PortTaken) {
      await session.stop(ministack);
      await session.stop(standIns);
    }
    throw error;
  }
  session.watch(ministack, folder.log('ministack'));
  return cloud;
}

async function startStandIns({ session, folder, delays }: CloudOptions, emulator: string): Promise<ProcessGroup> {
  const settings: StandInSettings = {
    emulator, caFile: folder.caFile, serverCertificate: folder.serverCertificate, serverKey: folder.serverKey,
    requests: folder.requests, folder: folder.root,
    ...(delays ? { delays } : {}),
  };
  return session.start({
    name: 'stand-ins', command: process.execPath, args: ['--import', 'tsx', inCheckout('local', 'stand-ins.ts'), JSON.stringify(settings)],
    env: { ...childEnvironment(folder), AWS_ACCESS_KEY_ID: ROOT_KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: ROOT_KEY.secretAccessKey },
    cwd: CHECKOUT, logFile: folder.log('stand-ins'), ipc: true,
  });
}

async function ready(cloud: LocalCloud, ministack: ProcessGroup): Promise<void> {
  const log = cloud.folder.log('ministack');
  const end = ministack.ended.then(({ code, signal }) => {
    const lines = ministack.lastLines();
    if (lines.some((line) => /already in use|address in use/i.test(line))) {
      throw new PortTaken(`the emulator's port is taken:`, lines);
    }
    throw new LocalProblem(`the emulator ended while it started (${signal ?? `exit code ${code ?? 'unknown'}`}). Its last lines:`, [...lines, `The whole log: ${log}`]);
  });
  const until = Date.now() + READY_MS;
  const poll = async (): Promise<void> => {
    for (;;) {
      try {
        await cloud.clients.text('/_ministack/health');
        return;
      } catch (error) {
        if (Date.now() > until) {
          throw new LocalProblem(`the emulator did not answer within ${READY_MS / 1000} s (${errorText(error)}). Its last lines:`,
            [...ministack.lastLines(), `The whole log: ${log}`]);
        }
        await sleep(100);
      }
    }
  };
  await Promise.race([poll(), end]);
}
