import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { callerIfKnown, callerOf } from './caller';
import type { Caller, ServiceOptions } from './contracts';
import { errorText, ServiceError } from './errors';
import { errorName, type Onward } from './forwarder';
import { hasToken, refuseWithoutToken } from './control-token';
import { answering, listen, type RunningServer } from './http-server';
import type { Service } from './service';
import { isRecord } from './validator';
import { CallReader, failure, givenInput, success, type Answer, type Call } from './wire';

export interface DoorOptions extends Pick<ServiceOptions, 'port' | 'region' | 'log' | 'controlToken'> {
  readonly authority: Pick<ServiceOptions['authority'], 'identify'>;
  /** The services behind one port. */
  readonly services: readonly [Service, ...Service[]];
  /** Answers `/_stand-in/…`: no AWS protocol, for whoever has the cloud's control token, never logged. */
  readonly control?: Control;
  /** Whether a call is to go wrong. */
  readonly disturb?: (operation: string, input: unknown) => Disturbance | undefined;
  /** Gets what no operation here answers, and all calls of people unknown here. Without it these are refused. */
  readonly emulator?: Onward;
}

/** `line` is method and path, `body` parsed JSON. */
export type Control = (line: string, body: unknown) => ControlAnswer | Promise<ControlAnswer>;
export interface ControlAnswer { readonly status: number; readonly body: object }

/** An error to answer; or the connection breaks, before (`lostRequest`) or after (`lostResponse`) the work is done. */
export type Disturbance = ServiceError | 'lostRequest' | 'lostResponse';

/** Without an answer where the connection is to break. */
interface Outcome { readonly answer?: Answer; readonly error?: string | undefined; readonly output?: object | undefined }

const CONTROL = '/_stand-in/';

/**
 * The one way into a stand-in: reads a request, finds out who signed it, has the service validate, authorise and do it,
 * logs it, and answers in the service's protocol. Listens on 127.0.0.1.
 */
export async function openDoor(options: DoorOptions): Promise<RunningServer> {
  const door = new Door(options);
  return listen(answering((request, response) => door.serve(request, response)), { port: options.port });
}

class Door {
  private readonly reader: CallReader;

  public constructor(private readonly options: DoorOptions) {
    const [first, ...others] = options.services;
    this.reader = new CallReader([first.model, ...others.map(({ model }) => model)]);
  }

  public async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { control, controlToken, log } = this.options;
    if (control && request.url?.startsWith(CONTROL)) {
      if (!hasToken(request, controlToken)) {
        refuseWithoutToken(response);
        return;
      }
      await answerControl(control, request, response);
      return;
    }
    const time = new Date().toISOString();
    const body = await buffer(request);
    const call = this.reader.read(request, body);
    const service = this.serviceOf(call);
    let caller: Caller | undefined;
    let outcome: Outcome;
    try {
      caller = await this.callerOf(request, body, service);
      outcome = await this.outcome(request, body, call, caller);
    } catch (error) {
      const known = error instanceof ServiceError ? error : new ServiceError(service.dialect.internal, errorText(error), 500);
      outcome = { answer: failure(call.model, known), error: known.name };
    }
    const { answer, error, output } = outcome;
    log.append({
      time,
      service: service.id,
      operation: call.operation,
      ...caller ? { caller: caller.arn } : {},
      input: call.input,
      ...output ? { output } : {},
      status: answer?.status ?? 0, ...error === undefined ? {} : { error },
    });
    if (answer) {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } else {
      request.socket.destroy();
    }
  }

  private async callerOf(request: IncomingMessage, body: Buffer, { model }: Service): Promise<Caller | undefined> {
    const { authority, region, emulator } = this.options;
    return emulator ? callerIfKnown(request, body, authority) : callerOf(request, body, authority, model.signingName, region);
  }

  private async outcome(request: IncomingMessage, body: Buffer, call: Call, caller: Caller | undefined): Promise<Outcome> {
    const { emulator, disturb } = this.options;
    const service = this.serviceOf(call);
    if (!caller || (emulator && !isOurs(service, call))) {
      if (!emulator) {
        throw new Error('a door without an emulator behind it knows its callers');
      }
      if (caller) { // the emulator takes what AWS refuses
        service.check(call.operation, givenInput(call));
      }
      const answer = await emulator.forward(request, body);
      return { answer, error: errorName(answer) };
    }
    const disturbance = disturb?.(call.operation, call.input);
    if (disturbance instanceof ServiceError) {
      throw disturbance;
    }
    const output = disturbance === 'lostRequest' ? undefined : await service.call(call.operation, givenInput(call), caller);
    if (disturbance) {
      return { error: disturbance };
    }
    return { answer: success(call, output), output: service.operation(call.operation)?.logsOutput ? output : undefined };
  }

  private serviceOf({ model }: Call): Service {
    const { services } = this.options;
    return services.find((service) => service.model === model) ?? services[0];
  }
}

function isOurs(service: Service, { operation: name, input }: Call): boolean {
  const operation = service.operation(name);
  return operation !== undefined && operation.isOurs?.(isRecord(input) ? input : {}) !== false;
}

async function answerControl(control: Control, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: ControlAnswer;
  try {
    const body = await text(request);
    answer = await control(`${request.method ?? ''} ${request.url ?? ''}`, body === '' ? undefined : JSON.parse(body));
  } catch (error) {
    answer = { status: 400, body: { message: errorText(error) } };
  }
  response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(answer.body, undefined, 2)}\n`);
}
