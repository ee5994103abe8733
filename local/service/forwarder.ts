import * as http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { errorText } from './errors';
import type { Answer } from './wire';

/** Hands requests on, or answers why not. */
export interface Onward {
  forward(request: http.IncomingMessage, body: Buffer): Promise<Answer>;
}

/** Of one connection each, and made anew for the next; and what a proxy in between would say. */
const OWN = /^(connection|keep-alive|transfer-encoding|forwarded|x-forwarded-.*)$/;
const CORS = 'access-control-';

/** Hands requests on to the emulator byte for byte, as they were signed. Whoever uses it has checked who they are from. */
export class Forwarder implements Onward {
  /** `behind`: its socket, or its address. `name`: for the answer where it is silent. */
  public constructor(
    private readonly behind: Pick<http.RequestOptions, 'socketPath' | 'host' | 'port'>, private readonly name = 'the emulator',
  ) {}

  public async forward({ method, url, headers }: Pick<http.IncomingMessage, 'method' | 'url' | 'headers'>, body: Buffer): Promise<Answer> {
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.test(name)));
    // the client has come over TLS, or from a function to the recorder: what demands TLS is to hold
    return this.send({ method, path: url, headers: { ...kept, 'x-forwarded-proto': 'https' } }, body);
  }

  /** GET of a page of the emulator's own. */
  public async page(path: string): Promise<string> {
    const { status, body } = await this.send({ method: 'GET', path, headers: { host: 'localhost' } }, Buffer.alloc(0));
    if (status !== 200) {
      throw new Error(`GET ${path}: HTTP ${status}: ${body.toString('utf8')}`);
    }
    return body.toString('utf8');
  }

  private async send(options: http.RequestOptions, body: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      const absent = (error: unknown): void => {
        resolve({ status: 503, headers: { 'content-type': 'text/plain' }, body: Buffer.from(`${this.name} does not answer: ${errorText(error)}`) });
      };
      const onward = http.request({ ...this.behind, ...options, agent: false }, (answer) => {
        buffer(answer).then((content) => {
          const back: http.OutgoingHttpHeaders = Object.fromEntries(
            Object.entries(answer.headers).filter(([name]) => !OWN.test(name) && !name.startsWith(CORS)),
          );
          if (options.method !== 'HEAD') {
            back['content-length'] = content.length;
          }
          resolve({ status: answer.statusCode ?? 502, headers: back, body: content });
        }, absent);
      });
      onward.once('error', absent);
      onward.end(body);
    });
  }
}

/** The name of the error that a service answered, in whatever form its protocol has it. */
export function errorName({ status, headers, body }: Answer): string | undefined {
  if (status < 400) {
    return undefined;
  }
  const header = headers['x-amzn-errortype'];
  if (typeof header === 'string') {
    return header.split(':')[0];
  }
  const [, json, xml] = /"(?:__type|code)":\s*"(?:[^"]*#)?([^"]+)"|<Code>([^<]+)<\/Code>/.exec(body.toString('utf8')) ?? [];
  return json ?? xml;
}
