import * as fs from 'node:fs';
import * as path from 'node:path';
import { LocalCloud } from './cloud';
import { cloudScript, inCheckout } from './environment';
import { CHECKOUT, PRIVATE_FILE, type LocalFolder } from './folder';
import { deployBridge, destroyBridge } from './deploy';
import { findLeftovers, leftoverKinds } from './leftovers';
import { LocalProblem } from './problem';
import type { Progress } from './progress';
import { predict } from './prediction';
import { report, stackOutputs } from './report';
import { Session } from './session';
import {
  launcherRuns, living, readState, recorded, removeState, removeTraces, StateFile, stopRecorded, type LocalState, type RecordedProcess,
} from './state';

const STACK = 'EdgeSample';
const MODEL = 'text-recogniser';
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface UpOptions {
  readonly folder: LocalFolder;
  readonly progress: Progress;
  /** Destroy and stop at the end. */
  readonly once: boolean;
  readonly delivery: string;
  /** See CloudOptions. */
  readonly prebuilt: boolean;
}

/** `npm run local`. */
export async function up(options: UpOptions): Promise<void> {
  const { folder } = options;
  folder.make();
  const running = await runningCloud(options);
  const launcher: RecordedProcess = { name: 'launcher', pid: process.pid, marker: 'local' };
  const state = running ? new StateFile(folder, running) : StateFile.claim(folder, {
    launcher,
    startedAt: new Date().toISOString(),
    processes: [],
  });
  const session = new Session((groups) => {
    state.update({ processes: [...running?.processes ?? [], ...recorded(groups)] });
  });
  const release = onSignals(session, folder);
  try {
    if (running) {
      await again(options, session, running);
    } else {
      await anew(options, session, state);
    }
  } finally {
    release();
  }
}

async function anew({ folder, progress, once, delivery, prebuilt }: UpOptions, session: Session, state: StateFile): Promise<void> {
  const began = Date.now();
  try {
    const cloud = await LocalCloud.start({ session, folder, progress, state, prebuilt });
    await progress.step('CDK bootstrap and the bridge to missing resource types', async () => deployBridge(cloud));
    await deploySample(cloud, delivery, progress);
    await show(cloud, delivery, progress, session);
    if (once) {
      await tearDown(cloud, progress, session);
    } else {
      state.update({ launcher: undefined });
      session.release();
      farewell(cloud, progress, began);
      return;
    }
    cloud.close();
  } catch (error) {
    await clear(folder, session);
    throw error;
  }
  await progress.step('stopping emulator and stand-ins', async () => clear(folder, session));
  const made = fs.existsSync(folder.greengrass) ? `, ${relative(folder.greengrass)} (recipes and artifacts)` : '';
  progress.note(`kept: ${relative(folder.requests)} (each call of handlers and devices), ${relative(folder.logs)}${made}`);
}

/** A second `up`: deploys the sample as it is now into the cloud that runs. A failure leaves that cloud as it is. */
async function again({ folder, progress, delivery }: UpOptions, session: Session, { endpoints, startedAt }: LocalState): Promise<void> {
  if (!endpoints) {
    throw new LocalProblem('the local cloud that runs has recorded no endpoints', ['npm run local:down, then npm run local']);
  }
  const began = Date.now();
  progress.note(`a local cloud is up since ${startedAt}: deploying into it again (npm run local:down stops it)`);
  try {
    const cloud = new LocalCloud(session, folder, endpoints);
    await deploySample(cloud, delivery, progress);
    await show(cloud, delivery, progress, session);
    farewell(cloud, progress, began);
  } catch (error) {
    await session.stopAll();
    throw error;
  }
}

/** The state of a cloud that runs; what is left of one that does not is cleared away. */
async function runningCloud({ folder, once, progress }: UpOptions): Promise<LocalState | undefined> {
  const state = readState(folder);
  if (!state) {
    removeState(folder); // one that was cut off
    return undefined;
  }
  if (launcherRuns(state)) {
    throw new LocalProblem(
      `another launcher is at work on ${relative(folder.root)} (process ${state.launcher?.pid ?? 0})`,
      ['wait for it, or end both it and the cloud: npm run local:down'],
    );
  }
  const alive = living(state);
  if (alive.length < Math.max(state.processes.length, 2) || state.launcher) {
    progress.note('clearing away what is left of an earlier local cloud');
    await stopRecorded(folder, state);
    return undefined;
  }
  if (once) {
    throw new LocalProblem(`a local cloud is up since ${state.startedAt}, and --once needs an empty one`, ['npm run local:down']);
  }
  return state;
}

async function deploySample(cloud: LocalCloud, delivery: string, progress: Progress): Promise<void> {
  await progress.step(`cdk deploy of the sample (delivery=${delivery})`, async () => {
    await cloud.cdk.must({
      name: 'sample',
      app: inCheckout('local', 'app.ts'),
      context: { delivery, ...process.arch === 'arm64' && { target: 'LINUX/ARM64' } }, // the local devices have this machine's processor
      args: ['deploy', '--all', '--require-approval', 'never', '--progress', 'events'],
      onLine: (line) => {
        const text = eventText(line);
        if (text !== undefined) {
          progress.note(text);
        }
      },
    });
  });
}

async function show(cloud: LocalCloud, delivery: string, progress: Progress, session: Session): Promise<void> {
  const lines = await progress.step(
    'reading back what was made',
    async () => session.step(async () => report(cloud.clients, STACK, delivery)),
  );
  for (const line of lines) {
    progress.note(line);
  }
  const captures = (await stackOutputs(cloud.clients, STACK)).get('CaptureLocation') ?? '';
  const read = await progress.step('a prediction on the device', async () => predict(cloud, session, MODEL, captures));
  for (const line of read) {
    progress.note(line);
  }
}

async function tearDown(cloud: LocalCloud, progress: Progress, session: Session): Promise<void> {
  await progress.step('cdk destroy of the sample', async () => {
    await cloud.cdk.must({ name: 'destroy', assembly: 'sample', args: ['destroy', '--all', '--force'] });
  });
  await progress.step('cdk destroy of the bridge', async () => destroyBridge(cloud));
  const left = await progress.step('looking for what is left', async () => session.step(async () => findLeftovers(cloud.clients)));
  if (left.length > 0) {
    throw new LocalProblem('the destroyed stacks left something behind:', left);
  }
  progress.note(`nothing: no ${leftoverKinds()}`);
}

async function clear(folder: LocalFolder, session: Session): Promise<void> {
  await session.stopAll();
  await stopRecorded(folder, readState(folder) ?? { startedAt: '', processes: [] });
}

function farewell(cloud: LocalCloud, progress: Progress, began: number): void {
  const file = cloud.folder.environment;
  fs.rmSync(file, { force: true }); // a mode is for a new file
  fs.writeFileSync(file, cloudScript(cloud.folder, cloud.endpoints), { mode: PRIVATE_FILE });
  cloud.close();
  progress.note(`up after ${((Date.now() - began) / 1000).toFixed(0)} s; it stays up in the background`);
  progress.note(`to look into it with an AWS SDK or CLI:  . ${relative(file)}`);
  progress.note(`what handlers and devices asked for:     ${relative(cloud.folder.requests)}`);
  progress.note('to stop it:                              npm run local:down');
}

/** A line of the CLI's about a resource that a user may want to see, or about a failure. */
export function eventText(line: string): string | undefined {
  const match = /\|\s*(?<count>\d+\/\d+)\s*\|[^|]*\|\s*(?<status>\w+)\s*\|\s*(?<type>\S+)\s*\|\s*(?<what>.*)$/.exec(line)?.groups;
  if (match?.status?.endsWith('_FAILED')) {
    return `${match.count ?? ''} ${match.type ?? ''} ${match.what ?? ''}`;
  }
  if (!match?.status || !/^(CREATE|UPDATE)_COMPLETE$/.test(match.status) || !/^Custom::(SageMakerEdge|AWS)-|Stack$/.test(match.type ?? '')) {
    return undefined;
  }
  return `${(match.count ?? '').padStart(7)}  ${(match.what ?? '').replace(/ \([^)]*\)\s*$/, '').trim()}  (${(match.type ?? '').replace('Custom::AWS-', 'AWS::').replaceAll('-', '::')})`;
}

/** Ends the step under way; a second signal ends this process at once. */
function onSignals(session: Session, folder: LocalFolder): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, exitCode]) => {
    let received = 0;
    const handler = (): void => {
      received += 1;
      if (received > 1) {
        session.killAll();
        removeTraces(folder, readState(folder));
        process.exit(exitCode);
      }
      console.log(`\n${signal}: stopping everything (once more: at once)`);
      session.abort(new LocalProblem(`stopped by ${signal}`, [], exitCode));
    };
    process.on(signal, handler);
    return () => {
      process.off(signal, handler);
    };
  });
  return () => {
    for (const off of handlers) {
      off();
    }
  };
}

function relative(file: string): string {
  return path.relative(CHECKOUT, file);
}
