import * as http from 'node:http';
import * as https from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { Answer } from './wire';

/** Hands requests on to the emulator byte for byte, as they were signed. */
export class Forwarder {
  private readonly agent: http.Agent;
  private readonly request: typeof http.request;

  public constructor(private readonly emulator: string, ca: Buffer) {
    const secure = emulator.startsWith('https:');
    this.agent = secure ? new https.Agent({ ca, keepAlive: true }) : new http.Agent({ keepAlive: true });
    this.request = secure ? https.request : http.request;
  }

  public async forward({ method, url, headers }: http.IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onward = this.request(this.emulator, { agent: this.agent, method, path: url, headers }, (answer) => {
        buffer(answer).then((content) => {
          const headersBack: http.OutgoingHttpHeaders = { ...answer.headers };
          if (method !== 'HEAD') { headersBack['content-length'] = content.length; }
          delete headersBack['transfer-encoding'];
          resolve({ status: answer.statusCode ?? 502, headers: headersBack, body: content });
        }, reject);
      });
      onward.once('error', reject);
      onward.end(body);
    });
  }
}

/** The name of the error that a service answered, in whatever form its protocol has it. */
export function errorName({ status, headers, body }: Answer): string | undefined {
  if (status < 400) { return undefined; }
  const header = headers['x-amzn-errortype'];
  if (typeof header === 'string') { return header.split(':')[0]; }
  const [, json, xml] = /"(?:__type|code)":\s*"(?:[^"]*#)?([^"]+)"|<Code>([^<]+)<\/Code>/.exec(body.toString('utf8')) ?? [];
  return json ?? xml;
}
