import { AgentRefusal, DeviceError } from './contracts';
import { linkTarget, relink } from './files';
import type { CaptureDrain } from './capture-drain';
import type { AgentConnection, AgentHost, Clock, ConnectAgent, Generation, InstalledModel } from './contracts';
import type { Generations } from './generation';
import type { DevicePaths } from './paths';

const START_TIMEOUT_MS = 30_000;
const START_POLL_MS = 200;

export interface SwitcherOptions {
  readonly paths: DevicePaths;
  readonly generations: Generations;
  readonly drain: CaptureDrain;
  readonly host: AgentHost;
  readonly connect: ConnectAgent;
  readonly clock: Clock;
}

/**
 * Puts one generation's agent in another's place. Both run for a moment, each on a socket of its own: the link that
 * clients connect to moves in one step, and only when the new agent has loaded every model. The old one then stops,
 * which lets its requests and captures end.
 */
export class Switcher {
  private serving: { readonly generation: Generation; readonly connection: AgentConnection } | undefined;
  private previous: Generation | undefined;

  public constructor(private readonly options: SwitcherOptions) {}

  public get current(): Generation | undefined { return this.serving?.generation; }

  /** Takes up what served before the machine or the bootstrap was restarted. Needs no network. */
  public async resume(): Promise<void> {
    const { paths, generations } = this.options;
    const id = (await linkTarget(paths.current))?.split('/').at(-1);
    const generation = id === undefined ? undefined : await generations.recorded(id);
    await this.options.host.stopAllBut(generation?.id);
    if (generation === undefined) {
      return;
    }
    this.serving = { generation, connection: this.options.connect(generation.socket) };
    await relink(paths.socket, generation.socket); // the folder of sockets is empty after a boot
    await this.options.host.start(generation);
  }

  /** Starts the generation beside the one that serves, and makes it serve if every model loads. */
  public async switchTo(next: Generation, progress: (step: string) => Promise<void>): Promise<void> {
    const { host, connect, paths } = this.options;
    const connection = connect(next.socket);
    try {
      await progress('starting the agent');
      await host.start(next);
      await this.waitForAgent(next, connection);
      for (const model of next.models) {
        await progress(`loading model ${model.name} ${model.version}`);
        await load(connection, model);
      }
      await relink(paths.socket, next.socket);
      await relink(paths.current, paths.generation(next.id));
    } catch (error) {
      connection.close();
      await host.stop(next.id);
      throw error;
    }
    const old = this.serving;
    this.serving = { generation: next, connection };
    this.previous = old?.generation;
    if (old !== undefined) {
      old.connection.close();
      await host.stop(old.generation.id);
    }
    const kept = [next, ...this.previous === undefined ? [] : [this.previous], ...await this.options.drain.unfinished(next.id)];
    await this.options.generations.keepOnly(kept);
  }

  /** Loads again what an agent that was restarted has forgotten, and looks after captures of earlier generations. */
  public async heal(): Promise<void> {
    await this.options.drain.step(this.serving?.generation.id);
    if (this.serving === undefined) {
      return;
    }
    const { generation, connection } = this.serving;
    await this.options.host.start(generation);
    const loaded = new Set(await connection.listModels());
    for (const model of generation.models) {
      if (!loaded.has(model.name)) {
        await load(connection, model);
      }
    }
  }

  private async waitForAgent(generation: Generation, connection: AgentConnection): Promise<void> {
    const { clock, host } = this.options;
    const end = clock.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        await connection.listModels();
        return;
      } catch (error) {
        if (clock.now() >= end) {
          const lastWords = await host.lastWords(generation.id);
          throw new DeviceError(`the agent did not answer within ${START_TIMEOUT_MS / 1000} s (${text(error)}); its last words: ${lastWords}`);
        }
        await clock.sleep(START_POLL_MS);
      }
    }
  }
}

async function load(connection: AgentConnection, model: InstalledModel): Promise<void> {
  try {
    await connection.loadModel(model.name, model.folder);
  } catch (error) {
    if (error instanceof AgentRefusal && error.status === 'ALREADY_EXISTS') { // a client was quicker
      return;
    }
    throw new DeviceError(`model ${model.name} ${model.version} was not loaded: ${text(error)}`);
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
