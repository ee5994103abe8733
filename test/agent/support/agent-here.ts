import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, STOP_LIMIT_MS } from '../../../agent/agent';
import { AgentCalls } from '../../../agent/client/calls';
import { loadConfig } from '../../../agent/config/config';
import { agentBundle, baseConfig } from './agent-process';

export interface HereSettings {
  readonly folder: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: NodeJS.ProcessEnv;
  readonly stopLimitMs?: number;
}

/** The real agent in this process, where a test can reach what a process hides. Its workers are the bundle's. */
export class AgentHere {
  public static async start({ folder, config = {}, environment = {}, stopLimitMs = STOP_LIMIT_MS }: HereSettings): Promise<AgentHere> {
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, JSON.stringify({ ...baseConfig(folder), ...config }));
    writeFileSync(join(folder, 'worker.js'), workerThatDies(folder));
    const messages: string[] = [];
    const log = (message: string): void => {
      messages.push(message);
    };
    const socketPath = join(folder, 'agent.sock');
    const agent = await Agent.start({
      socketPath, config: (await loadConfig(configFile, environment)).config, environment, stopLimitMs,
      logger: { debug: () => undefined, info: log, warn: log, error: log }, writeMetrics: () => undefined, workerEntry: join(folder, 'worker.js'),
    });
    return new AgentHere(folder, agent, new AgentCalls(socketPath, 20_000), messages);
  }

  private constructor(
    private readonly folder: string,
    private readonly agent: Agent,
    public readonly calls: AgentCalls,
    public readonly messages: readonly string[],
  ) {}

  /** The worker that gets the next prediction dies of it; `load`: the one that starts next. */
  public killNextWorker(how: 'exit' | 'throw' | 'load'): void {
    writeFileSync(join(this.folder, 'death'), how);
  }

  public async stop(): Promise<void> {
    await this.agent.stop({ sendCaptures: true });
    this.calls.close();
  }
}

/** The bundle's process of a model, which is asked first when it starts and when a prediction comes. */
function workerThatDies(folder: string): string {
  return `const fs = require('node:fs');
const death = ${JSON.stringify(join(folder, 'death'))};
const dieOf = (...ways) => {
  const how = fs.existsSync(death) ? fs.readFileSync(death, 'utf8') : '';
  if (!ways.includes(how)) { return; }
  fs.rmSync(death);
  if (how === 'throw') { throw new Error('a fault in the worker'); }
  process.exit(7);
};
dieOf('load');
const { readSync } = fs;
fs.readSync = (...args) => {
  const count = readSync(...args);
  dieOf('exit', 'throw');
  return count;
};
require(${JSON.stringify(join(agentBundle(), 'agent.js'))});
`;
}
