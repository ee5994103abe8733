import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { isRecord } from '../../service/validator';
import type { Clients } from '../clients';
import { LocalProblem } from '../problem';
import type { Digests } from './repository';

const MINUTES = 15;

/** A trial, as the output of an execution has it. */
export interface TrialResult {
  readonly name: string;
  readonly branch: string;
  readonly commit: string;
  /** What DVC says of each output of the processing. */
  readonly files: Digests;
  readonly trainingJob: string;
  readonly model: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** The folder of the evaluation: `s3://…`. */
  readonly evaluation: string;
}

/** What the script of the example says of its registration. */
export interface Registered { readonly name: string; readonly version: string; readonly alias: string }

export interface PipelineResult {
  readonly winner: TrialResult;
  readonly registered: Registered;
  readonly objectVersion: string;
  readonly trials: readonly TrialResult[];
}

/** Starts all trials, as the command of the stack does, and waits for the winner. */
export async function runPipeline({ stepFunctions }: Clients, stateMachineArn: string): Promise<PipelineResult> {
  const { executionArn } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn }));
  for (const end = Date.now() + MINUTES * 60_000; Date.now() < end;) {
    await sleep(500);
    const { cause, error, output, status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') {
      return pipelineResult(output ?? '');
    }
    if (status !== 'RUNNING') {
      throw new LocalProblem(`the trials ended with ${status ?? 'no status'}: ${error ?? ''} ${cause ?? ''}`);
    }
  }
  throw new LocalProblem(`the trials have not ended after ${MINUTES} minutes`);
}

/** Throws for an output that is none of a pipeline. */
export function pipelineResult(text: string): PipelineResult {
  const parsed: unknown = JSON.parse(text);
  const { objectVersion, registered, trials, winner } = isRecord(parsed) ? parsed : {};
  if (typeof objectVersion !== 'string' || !Array.isArray(trials)) {
    throw new LocalProblem(`the output of the pipeline must have trials and an objectVersion, got ${text}`);
  }
  return { objectVersion, winner: trial(winner), registered: registration(registered), trials: trials.map(trial) };
}

function registration(value: unknown): Registered {
  const text = texts('what is registered', value);
  return { name: text('name'), version: text('version'), alias: text('alias') };
}

/** Reads members that are texts. */
function texts(what: string, value: unknown): (name: string) => string {
  const record = isRecord(value) ? value : {};
  return (name) => {
    const { [name]: found } = record;
    if (typeof found !== 'string') {
      throw new LocalProblem(`${what} must have the text '${name}', got ${JSON.stringify(value)}`);
    }
    return found;
  };
}

function trial(value: unknown): TrialResult {
  const record = isRecord(value) ? value : {};
  const text = texts('a trial', value);
  const metrics = Object.entries(isRecord(record.metrics) ? record.metrics : {}).map(([name, number]) => [name, Number(number)] as const);
  const files = Object.entries(isRecord(record.files) ? record.files : {}).map(([name, digest]) => [name, String(digest)] as const);
  return {
    name: text('name'), branch: text('branch'), commit: text('commit'), trainingJob: text('trainingJob'), model: text('model'),
    evaluation: text('evaluation'), files: Object.fromEntries(files), metrics: Object.fromEntries(metrics),
  };
}
