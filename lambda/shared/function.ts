import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describeError } from './errors';
import { Lifecycle, type Invocation, type Limits, type Phases } from './lifecycle';
import { log } from './log';

const ANSWER_TRIES = 5;
const ANSWER_MS = 8_000;
/** The right to invoke itself may be seconds old. */
const GO_ON_MS = 20_000;

/** What Lambda tells of an invocation. */
export interface Context {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** The entry of a function that CloudFormation invokes for its custom resources. */
export function customResources(limits: Limits, phases: Phases): (event: unknown, context: Context) => Promise<void> {
  return (event, context) => new Lifecycle(phases, limits, invocationOf(context)).serve(event);
}

let lambda: LambdaClient | undefined;

function invocationOf(context: Context): Invocation {
  return {
    now: () => Date.now(),
    remaining: () => context.getRemainingTimeInMillis(),
    sleep: async (ms) => { await sleep(ms); },
    limit,
    answer,
    goOn: (event) => goOn(context.invokedFunctionArn, event),
  };
}

/** Exported for its test alone. */
export async function limit<T>(work: (signal: AbortSignal) => Promise<T>, ms: number, message: string): Promise<T> {
  const controller = new AbortController();
  const timer = new AbortController();
  const late = async (): Promise<never> => {
    await sleep(ms, undefined, { signal: timer.signal });
    throw new Error(message);
  };
  try {
    return await Promise.race([work(controller.signal), late()]);
  } finally {
    timer.abort();
    controller.abort();
  }
}

/** Exported for its test alone. Lambda repeats the event where it throws. The address is a secret: errors must not hold it. */
export async function answer(url: string, body: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // As bytes, so that no content type is sent: the signature of the address was made without one.
      const { ok, status } = await fetch(url, { method: 'PUT', body: Buffer.from(body), signal: AbortSignal.timeout(ANSWER_MS) });
      if (ok) {
        return;
      }
      throw new Error(`HTTP ${status}`);
    } catch (error) {
      const reason = error instanceof Error ? `${error.message} ${causeOf(error)}`.replaceAll(url, '…').trim() : 'no reason';
      log('the answer was not taken', { attempt, reason });
      if (attempt === ANSWER_TRIES) {
        throw new Error(`CloudFormation did not take the answer: ${reason}`);
      }
      await sleep(1_000 * attempt);
    }
  }
}

async function goOn(functionArn: string, event: object): Promise<void> {
  lambda ??= new LambdaClient();
  const until = Date.now() + GO_ON_MS;
  for (;;) {
    try {
      await lambda.send(
        new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }),
        { abortSignal: AbortSignal.timeout(10_000) },
      );
      return;
    } catch (error) {
      if (Date.now() >= until) {
        throw new Error(`the handler could not be invoked to go on: ${describeError(error)}`, { cause: error });
      }
      log('not invoked yet', { error: describeError(error) });
      await sleep(2_000);
    }
  }
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? cause.message : '';
}
