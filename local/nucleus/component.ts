import type { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ReportedState } from './ipc-connection';
import { fold } from './recipe';
import { ReportedError, statusOf, StepError, type ComponentStatus, type ReportedStep } from './status';
import { endGroup, endOf, giveTo, spawnStep, stepOf, type ComponentUser, type Step, type StepPlace } from './step';
import { errorText } from '../service/errors';

/** As Greengrass names them. */
export type ComponentState =
  'NEW' | 'INSTALLED' | 'STARTING' | 'RUNNING' | 'FINISHED' | 'ERRORED' | 'BROKEN' | 'STOPPING' | 'UNINSTALLING' | 'UNINSTALLED';

/** A component as a deployment has worked it out. */
export interface ComponentPlan {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly { readonly name: string; readonly hard: boolean }[];
  /** With its variables replaced: a change of the configuration that no variable leads to changes nothing here. */
  readonly lifecycle: Readonly<Record<string, unknown>>;
  /** What the nucleus gives to each script. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workPath: string;
  /** Whom its scripts run as. Default: the user of this process. */
  readonly user?: ComponentUser;
  /** Files in these are given to the user before a script runs. */
  readonly artifactFolders: readonly string[];
  readonly logFile: string;
}

/** Errors of one state, without success in that state between them, that break a component. */
const ERRORS = 3;
/** An error after an hour without one is a first one. */
const ERROR_RESET_MS = 3_600_000;

/** A component on the device: runs the steps of its lifecycle with sh, one after the other. */
export class Component {
  public state: ComponentState = 'NEW';
  /** Whether it has started a run step. */
  public runs = false;
  private errorStatus: ComponentStatus | undefined;
  private readonly errors = new Map<ComponentState, { readonly count: number; readonly at: number }>();
  /** Of the step that goes on while the component runs. */
  private running: ChildProcess | undefined;
  private startUpReports: ((state: ReportedState) => void) | undefined;
  private stopping = false;
  /** What follows an error of a running component, or the end of its run step. */
  private aftermath: Promise<void> = Promise.resolve();
  private readonly lifecycle: Readonly<Record<string, unknown>>;
  private readonly place: StepPlace;

  /** `installed` leaves the install step out: it has been run for this version. */
  public constructor(public readonly plan: ComponentPlan, private installed = false) {
    this.lifecycle = fold(plan.lifecycle); // nucleus classic does not mind the case, and nobody looks at unknown keys
    this.place = {
      ...plan,
      log: (line) => {
        this.log(line);
      },
    };
  }

  /** Of an ERRORED or BROKEN component. */
  public get status(): ComponentStatus | undefined {
    return this.state === 'ERRORED' || this.state === 'BROKEN' ? this.errorStatus : undefined;
  }


  /** What goes on when a deployment brings `plan`: this component itself, where the plan asks for nothing else. */
  public succeededBy(plan: ComponentPlan): Component {
    if (this.state === 'BROKEN') { // each deployment gives it another chance, also one that is not about it
      return new Component(plan);
    }
    const next = fold(plan.lifecycle);
    const changed = Object.keys({ ...this.lifecycle, ...next })
      .filter((step) => JSON.stringify(this.lifecycle[step]) !== JSON.stringify(next[step]));
    if (plan.version !== this.plan.version || changed.includes('install')) {
      return new Component(plan);
    }
    if (changed.every((step) => step === 'shutdown')) { // it keeps the shutdown that it was started with
      return this;
    }
    return new Component(plan, this.installed);
  }

  /** Resolves when the component is RUNNING, FINISHED or, after three errors, BROKEN. */
  public async start(): Promise<void> {
    this.stopping = false;
    fs.mkdirSync(path.dirname(this.plan.workPath), { recursive: true }); // open to all, as on a device
    fs.mkdirSync(this.plan.workPath, { recursive: true, mode: 0o700 });
    while (!this.ends()) {
      try {
        if (!this.installed) {
          this.state = 'NEW';
          await this.runStep('install');
          this.errors.delete('NEW');
        }
        this.installed = true;
        this.state = 'STARTING';
        const startup = stepOf(this.lifecycle, 'startup');
        if (startup === undefined) {
          this.launch();
        } else {
          await this.startUp(startup);
        }
        return;
      } catch (error) {
        await this.fail(this.installed ? 'startup' : 'install', error);
      }
    }
  }

  public async stop(): Promise<void> {
    if (this.stopping) {
      return;
    }
    this.stopping = true;
    await this.aftermath;
    if (this.state === 'BROKEN') {
      await this.shutDown();
      return;
    }
    if (this.state === 'RUNNING' || this.state === 'STARTING') { // what is FINISHED has nothing to shut down
      this.errors.delete(this.state);
      this.state = 'STOPPING';
      await this.shutDown();
    }
    this.state = this.installed ? 'INSTALLED' : 'NEW';
  }

  /** What the component says of itself, by IPC. Only a component that starts can come to run, and only one that runs can break. */
  public report(state: ReportedState): void {
    if (this.state === 'STARTING' && this.startUpReports !== undefined) {
      this.startUpReports(state);
    } else if (this.state === 'RUNNING' && state === 'ERRORED') {
      this.restartAfter('run', new ReportedError('run'));
    } else {
      this.log(`Invalid reported state ${state}`);
    }
  }

  /** What removal does beyond a stop. */
  public async uninstall(): Promise<void> {
    this.state = 'UNINSTALLING';
    await this.runStep('uninstall').catch((error: unknown) => {
      this.log(`uninstall: ${errorText(error)}`);
    });
    this.state = 'UNINSTALLED';
  }

  /** The startup step has done its work when it ends with 0, or when the component reports RUNNING: it may go on after that. */
  private async startUp(step: Step): Promise<void> {
    const child = this.spawn('startup', step);
    const started = new AbortController();
    const ended = endOf(child, step.timeoutMs, started.signal);
    const report = new Promise<ReportedState>((resolve) => {
      this.startUpReports = resolve;
    });
    this.running = child;
    const first = await Promise.race([report, ended]);
    this.startUpReports = undefined;
    started.abort();
    if (first === 'ERRORED') {
      throw new ReportedError('startup');
    }
    if (first === 'RUNNING') {
      this.watch('startup', child, ended);
    } else {
      this.running = undefined;
      if (first !== 0) {
        throw new StepError('startup', first);
      }
    }
    this.errors.delete('STARTING');
    this.state = 'RUNNING';
  }

  /** The run step counts as running when the process has started. Without one there is nothing to do. */
  private launch(): void {
    const step = stepOf(this.lifecycle, 'run');
    if (!step) {
      this.state = 'FINISHED';
      return;
    }
    if (this.stopping) {
      return;
    }
    const child = this.spawn('run', step);
    this.running = child;
    this.runs = true;
    this.state = 'RUNNING';
    this.watch('run', child, endOf(child, step.timeoutMs));
  }

  /** Takes notice of the end of a step that goes on while the component runs, and of no later one. */
  private watch(step: 'run' | 'startup', child: ChildProcess, ended: Promise<number | undefined>): void {
    ended.then((code) => {
      if (this.stopping || this.running !== child || this.state !== 'RUNNING') {
        return;
      }
      this.running = undefined;
      if (code !== 0) {
        this.restartAfter(step, new StepError(step, code));
      } else if (step === 'run') {
        this.follow(this.finish());
      }
    }, (error: unknown) => {
      this.log(`${step}: ${errorText(error)}`);
    });
  }

  private async finish(): Promise<void> {
    this.state = 'STOPPING';
    await this.shutDown();
    this.state = 'FINISHED';
  }

  private restartAfter(step: ReportedStep, error: Error): void {
    const restart = async (): Promise<void> => {
      await this.fail(step, error);
      if (!this.stopping) {
        await this.start();
      }
    };
    this.follow(restart());
  }

  private follow(work: Promise<void>): void {
    this.aftermath = work.catch((error: unknown) => {
      this.log(errorText(error));
    });
  }

  /** After an error: recover and, unless nothing was started yet, shutdown. The third one goes to shutdown at once. */
  private async fail(step: ReportedStep, error: unknown): Promise<void> {
    const before = this.errors.get(this.state);
    const count = before === undefined || Date.now() - before.at >= ERROR_RESET_MS ? 1 : before.count + 1;
    this.errors.set(this.state, { count, at: Date.now() });
    this.errorStatus = statusOf(step, error);
    this.log(`error ${count}: ${errorText(error)}`);
    if (count >= ERRORS) {
      this.state = 'BROKEN';
    } else {
      this.state = 'ERRORED';
      await this.runStep('recover').catch((again: unknown) => {
        this.log(`recover: ${errorText(again)}`);
      });
    }
    if (step !== 'install') {
      await this.shutDown();
    }
    if (this.stopping && this.state !== 'BROKEN') {
      this.state = 'INSTALLED';
    }
  }

  private ends(): boolean {
    return this.stopping || this.state === 'BROKEN';
  }

  private async shutDown(): Promise<void> {
    await this.runStep('shutdown').catch((error: unknown) => {
      this.log(`shutdown: ${errorText(error)}`);
    });
    const { running } = this;
    this.running = undefined;
    if (running !== undefined) {
      await endGroup(running);
    }
  }

  private async runStep(name: string): Promise<void> {
    const step = stepOf(this.lifecycle, name);
    if (!step) {
      return;
    }
    const code = await endOf(this.spawn(name, step), step.timeoutMs);
    if (code !== 0) {
      throw new StepError(name, code);
    }
  }

  private spawn(name: string, step: Step): ChildProcess {
    const { user, workPath, artifactFolders } = this.plan;
    if (user !== undefined) {
      giveTo(user, workPath, artifactFolders);
    }
    return spawnStep(name, step, this.place);
  }

  private log(line: string): void {
    fs.mkdirSync(path.dirname(this.plan.logFile), { recursive: true });
    fs.appendFileSync(this.plan.logFile, `${new Date().toISOString()} [${this.state}] ${line}\n`);
  }
}
