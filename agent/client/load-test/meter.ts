import { freemem, totalmem } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Proc, TICKS_PER_SECOND } from './proc';
import type { DeviceFigures } from '../../../lambda/endpoint/report/run';

export interface Measured {
  readonly seconds: number;
  /** Undefined: not a Linux machine, or the agent is another user's process. */
  readonly device?: DeviceFigures;
  /** Of this process: CPU in percent of one core, and how late its event loop ran at worst but for one percent. */
  readonly client: { readonly cpuPercent: number; readonly lagMs: number };
}

/** What agent, machine and client use while a step is held. */
export class Meter {
  public constructor(private readonly agentPid: number | undefined, private readonly proc = new Proc()) {}

  /** Begins to measure. The function that it returns says what was used since. */
  public begin(): () => Measured {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
    delay.enable();
    const before = this.ticks();
    return () => {
      delay.disable();
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      const after = this.ticks();
      return {
        seconds,
        client: { cpuPercent: (user + system) / 1e6 / seconds * 100, lagMs: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION) || 0 },
        ...(before === undefined || after === undefined ? {} : {
          device: {
            agentCpuPercent: percent(after.agent - before.agent, seconds),
            machineCpuPercent: percent(after.machine - before.machine, seconds),
            memoryPercent: (1 - freemem() / totalmem()) * 100,
          },
        }),
      };
    };
  }

  private ticks(): { readonly agent: number; readonly machine: number } | undefined {
    if (this.agentPid === undefined) {
      return undefined;
    }
    try {
      return { agent: this.proc.treeTicks(this.agentPid), machine: this.proc.machineTicks() };
    } catch {
      return undefined; // the agent has ended: the predictions say so
    }
  }
}

/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 10;

function percent(ticks: number, seconds: number): number {
  return Math.max(0, ticks / TICKS_PER_SECOND / seconds * 100);
}
