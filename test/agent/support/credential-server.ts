import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { makeCertificate } from './certificates';

export const LOCAL_CA = makeCertificate({ subject: 'local CA', ca: true });

export interface CredentialFiles {
  readonly caCertFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A device's certificate, its key and the CA, as files. */
export function writeCredentialFiles(folder: string): CredentialFiles {
  const device = makeCertificate({ subject: 'device certificate', issuer: LOCAL_CA });
  const files = { caCertFile: join(folder, 'ca.pem'), certFile: join(folder, 'device.pem.crt'), keyFile: join(folder, 'private.pem.key') };
  writeFileSync(files.caCertFile, LOCAL_CA.certificate);
  writeFileSync(files.certFile, device.certificate);
  writeFileSync(files.keyFile, device.key);
  return files;
}

interface Seen {
  readonly path: string | undefined;
  readonly thing: string | string[] | undefined;
  readonly subject: string | string[];
}

/** IoT's credential provider: HTTPS that wants a certificate of the local CA. */
export class CredentialServer {
  public static async start(): Promise<CredentialServer> {
    const credentials = new CredentialServer();
    await new Promise<void>((resolve) => {
      credentials.server.listen(0, '127.0.0.1', resolve);
    });
    return credentials;
  }

  public readonly seen: Seen[] = [];
  public answer = { status: 200, body: '' };
  public delayMs = 0;

  private readonly server: Server;

  private constructor() {
    const identity = makeCertificate({ subject: 'credentials', issuer: LOCAL_CA, ipAddress: [127, 0, 0, 1] });
    this.give(3600);
    const tls = {
      cert: identity.certificate,
      key: identity.key,
      ca: LOCAL_CA.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    };
    this.server = createServer(tls, (request, response) => {
      const { socket } = request;
      const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : '';
      this.seen.push({ path: request.url, thing: request.headers['x-amzn-iot-thingname'], subject });
      setTimeout(() => response.writeHead(this.answer.status, { 'content-type': 'application/json' }).end(this.answer.body), this.delayMs);
    });
  }

  public get endpoint(): URL {
    const address = this.server.address();
    return new URL(`https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/role-aliases/SageMakerEdge-fleet/credentials`);
  }

  /** Answers with credentials that last so long. */
  public give(seconds: number, accessKeyId = 'ASIA1'): void {
    const expiration = new Date(Date.now() + seconds * 1000).toISOString();
    this.answer = { status: 200, body: JSON.stringify({ credentials: { accessKeyId, secretAccessKey: 'secret', sessionToken: 'token', expiration } }) };
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}
