import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type * as https from 'node:https';
import { errorText } from './errors';
import type { Onward } from './forwarder';
import type { Gate } from './gate';
import { answering, listen, type RunningServer } from './http-server';

export interface FrontDoorOptions {
  readonly gate: Gate;
  /** The emulator itself, for the requests of custom resources. */
  readonly emulator: Onward;
  /** Default: plain HTTP. */
  readonly tls?: https.ServerOptions;
  /** Default: one that is free. */
  readonly port?: number | undefined;
}

/** What a custom resource, or a wait condition's handle, answers to: a presigned URL on AWS. Its secret is the token in it. */
const CALLBACK = /^\/_ministack\/cfn-(response|signal)\/[\w.~-]{16,}$/;

/** What clients take for the emulator, which itself listens on a socket that only this user can reach. */
export async function startFrontDoor({ gate, emulator, tls, port }: FrontDoorOptions): Promise<RunningServer> {
  return listen(answering(async (request, response) => {
    const body = await buffer(request);
    const onward = isCallback(request) ? emulator : gate;
    try {
      const answer = await onward.forward(request, body);
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(errorText(error));
    }
  }), { port, ...tls ? { tls } : {} });
}

function isCallback({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'PUT' && headers.authorization === undefined && CALLBACK.test(url);
}
