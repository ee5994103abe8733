import type * as http from 'node:http';
import { hasToken, refuseWithoutToken } from '../service/control-token';
import { listen, type RunningServer } from '../service/http-server';
import type { MachineRequest, MachineSummary } from './host';
import { errorText } from '../service/errors';

const MAX_BODY = 1 << 20;

/** Whoever runs the machines. */
export interface Machines {
  list(): readonly MachineSummary[];
  start(request: MachineRequest): Promise<void>;
  stop(instanceId: string): Promise<void>;
}

/**
 * What the bridge and the tests talk to, JSON over HTTP on loopback, with the cloud's control token:
 * GET /machines, PUT /machines/<instance id>, DELETE /machines/<instance id>;
 * PUT and DELETE /documents/<name>, GET /documents: Systems Manager documents are recorded, and never run here.
 */
export async function startDeviceServer(host: Machines, controlToken: string): Promise<RunningServer> {
  const documents = new Map<string, unknown>();
  const answer = async (request: http.IncomingMessage): Promise<unknown> => {
    const [, kind = '', name = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
    switch (`${request.method ?? ''} ${kind}`) {
      case 'GET machines': return host.list();
      case 'PUT machines':
        await host.start({ ...await readBody(request) as Omit<MachineRequest, 'instanceId'>, instanceId: name });
        return {};
      case 'DELETE machines':
        await host.stop(name);
        return {};
      case 'GET documents': return Object.fromEntries(documents);
      case 'PUT documents':
        documents.set(name, await readBody(request));
        return {};
      case 'DELETE documents':
        documents.delete(name);
        return {};
      default: throw new Error(`no such call: ${request.method ?? ''} ${request.url ?? ''}`);
    }
  };
  return listen((request, response) => {
    if (!hasToken(request, controlToken)) {
      refuseWithoutToken(response);
      return;
    }
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    answer(request).then((body) => {
      send(200, body);
    }, (error: unknown) => { send(400, { message: errorText(error) }); });
  });
}

async function readBody(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) {
      continue;
    }
    size += chunk.length;
    if (size > MAX_BODY) {
      throw new Error(`a body may have ${MAX_BODY} bytes`);
    }
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
