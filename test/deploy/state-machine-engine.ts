import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import * as path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { LocalFolder } from '../../local/cloud/folder';
import { isRecord } from '../../local/service/validator';

/** What an execution meets. */
export interface Surroundings {
  /** The only function. What it throws is an error of the function, as Lambda tells Step Functions of it. */
  task(payload: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Of a state that waits, and before a task is tried again. */
  wait(seconds: number): void;
}

export interface Ended { readonly status?: unknown; readonly error?: unknown; readonly cause?: unknown; readonly output?: unknown }

/** An error of Lambda or Step Functions, by its name there. */
export class NamedError extends Error {
  public constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** The emulator's engine of Step Functions, without an emulator around it: see load_test_definition.py. */
export class StateMachineEngine {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly lines: Interface;
  private errors = '';

  public constructor(private readonly definition: string) {
    this.process = spawn(LocalFolder.at().python, [path.join(__dirname, 'load_test_definition.py')], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    this.process.stderr.on('data', (data: Buffer) => {
      this.errors += data.toString('utf8');
    });
    this.lines = createInterface(this.process.stdout);
  }

  /** One at a time. */
  public async execute(name: string, input: unknown, surroundings: Surroundings): Promise<Ended> {
    const words = this.lines[Symbol.asyncIterator]();
    this.say({ definition: this.definition, name, input: JSON.stringify(input) });
    for (;;) {
      const next = await words.next();
      if (next.done === true) {
        throw new Error(`the engine has ended: ${this.errors}`);
      }
      const line: unknown = JSON.parse(next.value);
      if (isRecord(line) && isRecord(line.ended)) {
        return line.ended;
      }
      if (isRecord(line) && isRecord(line.task)) {
        this.say(await answerOf(surroundings, line.task));
      } else if (isRecord(line) && typeof line.wait === 'number') {
        surroundings.wait(line.wait);
        this.say({});
      }
    }
  }

  public stop(): void {
    this.lines.close();
    this.process.kill('SIGKILL');
  }

  private say(line: object): void {
    this.process.stdin.write(`${JSON.stringify(line)}\n`);
  }
}

async function answerOf(surroundings: Surroundings, payload: Readonly<Record<string, unknown>>): Promise<object> {
  try {
    return { result: await surroundings.task(payload) };
  } catch (error) {
    if (!(error instanceof Error)) {
      throw error;
    }
    const { name, message } = error;
    const cause = error instanceof NamedError ? message : JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
    return { error: name, cause };
  }
}
