import { createServer, type Server } from 'node:http';
import { isRecord } from '../../../agent/config/reader';

export interface Published {
  readonly url: string;
  readonly authorization: string;
  readonly report: Record<string, unknown>;
}

/** Takes what agents publish to topics by HTTPS, on loopback and without TLS. */
export class IotServer {
  public static async start(): Promise<IotServer> {
    const iot = new IotServer();
    await new Promise<void>((resolve) => {
      iot.server.listen(0, '127.0.0.1', resolve);
    });
    return iot;
  }

  public published: Published[] = [];
  /** The status of the next answers. Undefined: there is none. */
  public answer: () => number | undefined = () => 200;

  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const report: unknown = JSON.parse(body);
      this.published.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '', report: isRecord(report) ? report : {} });
      const status = this.answer();
      if (status !== undefined) {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      }
    });
  });

  /** What an agent is started with. */
  public get environment(): NodeJS.ProcessEnv {
    const address = this.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { AWS_ENDPOINT_URL_IOT_DATA_PLANE: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  }

  /** Of all reports. */
  public get models(): Record<string, unknown>[] {
    return this.published.flatMap(({ report }) => (Array.isArray(report.models) ? report.models.filter(isRecord) : []));
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}
