import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { makeRootKey } from '../iam/access-keys';
import { makeControlToken } from '../service/control-token';
import { bundledProgram, installedOnnxRuntime, resource } from '../service/programs';
import { buildAssets } from './assets';
import { CdkCli, type CdkPlace } from './cdk';
import { Clients, type Endpoints } from './clients';
import { emulatorEnvironment, standInEnvironment } from './environment';
import { PRIVATE_FILE, PRIVATE_FOLDER, type LocalFolder } from './folder';
import { isFree } from './ports';
import { LocalProblem } from './problem';
import type { Progress } from './progress';
import type { ProcessGroup } from './processes';
import { ensureCertificates, ensurePython, experimentsPython } from './python';
import type { JobDelays } from '../sagemaker/contracts';
import type { Session } from './session';
import { isStandInPorts, type EndpointSettings, type StandInSettings } from './stand-in-settings';
import type { StateFile } from './state';
import { errorText } from '../service/errors';

const READY_MS = 600_000;
/** A socket's path may have 107 bytes: a checkout's own folder may be too long. */
const SHORT_FOLDER = '/tmp';

export interface CloudOptions {
  readonly session: Session;
  readonly folder: LocalFolder;
  readonly progress: Progress;
  readonly state: StateFile;
  readonly delays?: JobDelays;
  readonly endpoints?: EndpointSettings;
  /** Take `assets/` as they are; else they are bundled anew, since a stale one would be deployed. */
  readonly prebuilt?: boolean;
  /** Where the user's app is. Default: this checkout. */
  readonly place?: CdkPlace;
  /** Whether it has the packages of experiments: MLflow's servers run, and jobs of AWS's containers find DVC and MLflow. Default: false. */
  readonly experiments?: boolean;
  /** The folder of ONNX Runtime's library, where this program cannot find it by itself. */
  readonly onnxRuntime?: string;
}

/** A running local cloud: the emulator and the stand-ins beside it. */
export class LocalCloud {
  public readonly cdk: CdkCli;
  private clientsMade: Clients | undefined;

  public constructor(session: Session, public readonly folder: LocalFolder, public readonly endpoints: Endpoints, place?: CdkPlace) {
    this.cdk = new CdkCli(session, folder, endpoints, place);
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
      await progress.step('handler and agent bundles', async () => buildAssets(session, folder));
    }
    const python = options.experiments === true ? await experimentsPython(session, folder, progress) : undefined;
    const cloud = await progress.step('emulator and stand-ins', async () => startProcesses(options, python));
    progress.note(`emulator ${cloud.endpoints.emulator} (TLS, IAM enforced), SageMaker stand-in ${cloud.endpoints.sageMaker}, IoT ${cloud.endpoints.iot}`);
    return cloud;
  }
}

/** A fresh start: nothing of an earlier run is left in what this one writes. */
function prepare(folder: LocalFolder): void {
  const { tmp, home, requests, logs, devices, sockets, greengrass, images, repositories } = folder;
  for (const old of [tmp, home, requests, logs, devices, sockets, greengrass, images, repositories]) {
    fs.rmSync(old, { recursive: true, force: true });
  }
  for (const made of [folder.root, folder.tmp, folder.home, folder.logs]) {
    fs.mkdirSync(made, { recursive: true, mode: PRIVATE_FOLDER });
  }
  fs.writeFileSync(folder.requests, '', { mode: PRIVATE_FILE });
}

async function startProcesses(options: CloudOptions, python: string | undefined): Promise<LocalCloud> {
  const { session, folder, state, place } = options;
  const port = await fixedPort();
  const sockets = fs.mkdtempSync(path.join(SHORT_FOLDER, 'cdk-sagemaker-edge-')); // mode 0700
  state.update({ sockets });
  const socket = path.join(sockets, 'emulator.sock');
  const secrets = { root: makeRootKey(), controlToken: makeControlToken() };
  const standIns = await startStandIns(options, {
    socket, ...port === undefined ? {} : { port }, ...python === undefined ? {} : { experimentsPython: python },
  }, secrets);
  const ports = await session.step(async () => standIns.message());
  if (!isStandInPorts(ports)) {
    throw new LocalProblem(`the stand-ins said something else than their ports: ${JSON.stringify(ports)}`);
  }
  session.watch(standIns, folder.log('stand-ins'));

  const endpoints: Endpoints = { ...ports, ...secrets, caFile: folder.caFile };
  const ministack = await session.start({
    name: 'emulator (ministack)', command: folder.python, cwd: folder.tmp,
    args: [resource('emulator.py'), '--bind', `unix:${socket}`, '--workers', '0', '--keep-alive', '75'],
    env: emulatorEnvironment(folder, endpoints), logFile: folder.log('ministack'),
  });
  state.update({ endpoints });
  const cloud = new LocalCloud(session, folder, endpoints, place);
  await session.step(async () => ready(cloud, ministack));
  session.watch(ministack, folder.log('ministack'));
  return cloud;
}

/** The port that the user wants. */
async function fixedPort(): Promise<number | undefined> {
  const { MINISTACK_PORT: text } = process.env;
  if (text === undefined || text === '') {
    return undefined;
  }
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new LocalProblem(`MINISTACK_PORT must be a port from 1 to 65535, got '${text}'`);
  }
  if (!await isFree(port)) {
    throw new LocalProblem(`MINISTACK_PORT=${port} is taken`, ['free it, give another one, or leave MINISTACK_PORT unset: then a free port is chosen']);
  }
  return port;
}

async function startStandIns(
  { session, folder, delays, endpoints, onnxRuntime }: CloudOptions, given: Pick<StandInSettings, 'socket' | 'port' | 'experimentsPython'>,
  secrets: Pick<Endpoints, 'root' | 'controlToken'>,
): Promise<ProcessGroup> {
  const settings: StandInSettings = {
    ...given, caFile: folder.caFile, serverCertificate: folder.serverCertificate, serverKey: folder.serverKey,
    requests: folder.requests, folder: folder.root, python: folder.python, shared: path.dirname(folder.venv), pipCache: folder.pipCache,
    ...(delays ? { delays } : {}),
    ...(endpoints ? { endpoints } : {}),
  };
  const { execArgv, file, args } = bundledProgram('stand-ins');
  return session.start({
    name: 'stand-ins', command: process.execPath, args: [...execArgv, file, ...args, JSON.stringify(settings)],
    env: { ...standInEnvironment(folder, secrets), LOCAL_ONNX_RUNTIME: onnxRuntime ?? installedOnnxRuntime() }, cwd: folder.root, logFile: folder.log('stand-ins'), ipc: true,
  });
}

/** Waits until the emulator answers root. A busy machine may take its time, but an emulator that has ended is told at once. */
async function ready(cloud: LocalCloud, ministack: ProcessGroup): Promise<void> {
  const log = cloud.folder.log('ministack');
  const end = ministack.ended.then(({ code, signal }) => {
    throw new LocalProblem(
      `the emulator ended while it started (${signal ?? `exit code ${code ?? 'unknown'}`}). Its last lines:`,
      [...ministack.lastLines(), `The whole log: ${log}`],
    );
  });
  const until = Date.now() + READY_MS;
  const poll = async (): Promise<void> => {
    for (;;) {
      try {
        await cloud.clients.sts.send(new GetCallerIdentityCommand({}));
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
