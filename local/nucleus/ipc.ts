import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { IpcConnection, type ReportedState } from './ipc-connection';

/** Bytes of a Unix socket's path: unix(7), `sun_path` less its end. */
const LONGEST_SOCKET_PATH = 107;
/** From the work folder of a component. */
const RELATIVE_SOCKET = '../../ipc.socket';

/** Greengrass IPC: a Unix socket below the root folder, and a token for each component, by which it is known there. */
export class Ipc {
  private readonly tokens = new Map<string, string>();
  private readonly connections = new Set<Socket>();
  private readonly socket: string;
  private server: Server | undefined;
  /** A short way to a root folder with a long path. */
  private link: string | undefined;

  public constructor(private readonly root: string, private readonly report: (component: string, state: ReportedState) => void) {
    this.socket = path.join(root, 'ipc.socket');
  }

  /** What the scripts of a component are given. */
  public environmentOf(component: string): Record<string, string> {
    const token = this.tokens.get(component) ?? randomBytes(8).toString('hex').toUpperCase();
    this.tokens.set(component, token);
    return {
      SVCUID: token,
      AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH: this.socket,
      AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT: this.isLong ? RELATIVE_SOCKET : this.socket,
    };
  }

  /** Listens, if it does not yet. */
  public async start(): Promise<void> {
    if (this.server !== undefined) {
      return;
    }
    fs.rmSync(this.socket, { force: true });
    const server = createServer((connection) => {
      this.connections.add(connection);
      connection.once('close', () => this.connections.delete(connection));
      new IpcConnection(connection, (token) => this.componentOf(token), this.report).serve();
    });
    const address = this.address();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, resolve);
    });
    fs.chmodSync(this.socket, 0o666);
    this.server = server;
  }

  public async close(): Promise<void> {
    const { server, link } = this;
    this.server = undefined;
    if (server !== undefined) {
      for (const connection of this.connections) {
        connection.destroy();
      }
      await new Promise((resolve) => {
        server.close(resolve);
      });
    }
    if (link !== undefined) {
      fs.rmSync(link, { recursive: true });
    }
  }

  private get isLong(): boolean {
    return Buffer.byteLength(this.socket) > LONGEST_SOCKET_PATH;
  }

  private address(): string {
    if (!this.isLong) {
      return this.socket;
    }
    this.link = fs.mkdtempSync(path.join(os.tmpdir(), 'nucleus-ipc-'));
    const root = path.join(this.link, 'root');
    fs.symlinkSync(path.resolve(this.root), root);
    return path.join(root, path.basename(this.socket));
  }

  private componentOf(token: string): string | undefined {
    return [...this.tokens].find(([, own]) => own === token)?.[0];
  }
}
