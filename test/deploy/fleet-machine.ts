import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentCalls } from '../../agent/client/calls';
import { MODEL_PROCESS } from '../../agent/runtime/model-worker';
import type { MachineSummary } from '../../local/device/host';
import { errorText } from '../../local/service/errors';
import { floats } from '../agent/support/tensors';
import { noise, picture, SHAPE } from './pictures';

const PAUSE_MS = 250;
const TIMEOUT_MS = 60_000;

/** A machine of a fleet that looks at a picture each quarter of a second, until something is done to it. */
export class FleetMachine {
  public predictions = 0;
  public readonly errors: string[] = [];
  private readonly calls: AgentCalls;
  private readonly random: () => number;
  private brightness = 1;
  private hesitationMs = 0;
  private frozen = false;
  private loop: Promise<void> | undefined;
  private ending = false;

  public constructor(private readonly machine: MachineSummary, private readonly modelName: string, seed: number) {
    this.calls = new AgentCalls(machine.socket, TIMEOUT_MS);
    this.random = noise(seed);
  }

  public get name(): string { return this.machine.thingName; }

  /** Begins to look at pictures. */
  public work(): void {
    this.ending = false;
    this.loop = this.run();
  }

  /** Its pictures are this many times as bright. It looks half as often while they are darker: the fleet sees more of the others. */
  public darken(brightness: number): void {
    this.brightness = brightness;
  }

  /** Its model takes that much longer: its process is stopped meanwhile, as on a machine that is short of processors. */
  public hesitate(milliseconds: number): void {
    this.hesitationMs = milliseconds;
  }

  /** All programs of the machine stand still. */
  public async freeze(): Promise<void> {
    await this.rest();
    this.frozen = true;
    this.signal('SIGSTOP', () => true);
  }

  public thaw(): void {
    this.frozen = false;
    this.signal('SIGCONT', () => true);
    this.work();
  }

  /** Memory of its programs, in MiB. */
  public memory(): number {
    return this.programs().reduce((sum, { pid }) => {
      const resident = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
      return sum + Number(resident ?? 0) / 1024;
    }, 0);
  }

  /** Looks at nothing any more. */
  public async rest(): Promise<void> {
    this.ending = true;
    await this.loop;
  }

  public async close(): Promise<void> {
    if (this.frozen) {
      this.signal('SIGCONT', () => true);
    }
    await this.rest();
    this.calls.close();
  }

  private async run(): Promise<void> {
    while (!this.ending) {
      try {
        await (this.hesitationMs > 0 ? this.predictSlowly() : this.predict());
      } catch (error) {
        this.errors.push(errorText(error));
      }
      await sleep(this.brightness < 1 ? 2 * PAUSE_MS : PAUSE_MS);
    }
  }

  private async predict(): Promise<void> {
    await this.calls.predict(this.modelName, [floats('x', SHAPE, picture(this.random, this.brightness))]);
    this.predictions += 1;
  }

  private async predictSlowly(): Promise<void> {
    const isModel = (command: string): boolean => command.includes(MODEL_PROCESS);
    this.signal('SIGSTOP', isModel);
    const both = Promise.all([this.predict(), this.predict()]);
    await sleep(this.hesitationMs);
    this.signal('SIGCONT', isModel);
    await both;
  }

  private signal(signal: NodeJS.Signals, isMeant: (command: string) => boolean): void {
    const meant = this.programs().filter(({ command }) => isMeant(command));
    if (meant.length === 0) {
      throw new Error(`${this.name} has no such program to send ${signal} to`);
    }
    for (const { pid } of meant) {
      process.kill(pid, signal);
    }
  }

  /** Their command lines begin or go on with a file of the machine's disk. */
  private programs(): { pid: number; command: string }[] {
    const roots = [this.machine.root, fs.realpathSync(this.machine.root)].map((root) => `${root}/`);
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => ({ pid: Number(pid), command: read(`/proc/${pid}/cmdline`) }))
      .filter(({ command }) => roots.some((root) => command.includes(root)));
  }
}

/** Empty for a process that has just ended. */
function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
