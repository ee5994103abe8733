import * as fs from 'node:fs';
import * as path from 'node:path';

/** The root of this checkout. */
export const CHECKOUT = path.resolve(__dirname, '..', '..');

/** Where a file of this checkout is. */
export function inCheckout(...names: string[]): string {
  return path.join(CHECKOUT, ...names);
}

/** Nobody else on the machine reads what a local cloud writes: keys of root, of devices, of its certificate. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

/** What the user types to start and to stop the cloud of a folder. */
export interface LauncherCommands { readonly up: string; readonly down: string }

const NPM_COMMANDS: LauncherCommands = { up: 'npm run local', down: 'npm run local:down' };

/**
 * Where a local cloud keeps everything that it writes. Several clouds (the deploy tests) may share what is slow to make
 * and never changes: the Python environment and the TLS certificate.
 */
export class LocalFolder {
  /** Emptied at each start, removed at the end. */
  public readonly tmp: string;
  public readonly logs: string;
  /** HOME of the children, so that no file of the user's (~/.aws, ~/.cdk) is read or written. */
  public readonly home: string;
  public readonly cdkOut: string;
  /** Shell variables that point an SDK or CLI at the running cloud. */
  public readonly environment: string;
  public readonly state: string;
  public readonly requests: string;
  /** The disks of the local devices, and their agents' sockets. Gone with the cloud: they hold private keys. */
  public readonly devices: string;
  public readonly sockets: string;
  /** Recipes and artifacts of the last run, in the layout of a nucleus's local store. */
  public readonly greengrass: string;
  /** What stands for container images. */
  public readonly images: string;
  /** Those of CodeCommit. */
  public readonly repositories: string;
  public readonly venv: string;
  /** Of MLflow, DVC and the jobs of experiments; made where a sample needs it. */
  public readonly experimentsVenv: string;
  public readonly tls: string;
  public readonly pipCache: string;

  public constructor(public readonly root: string, shared: string = root, public readonly commands: LauncherCommands = NPM_COMMANDS) {
    const inRoot = (...names: string[]): string => path.join(root, ...names);
    this.tmp = inRoot('tmp');
    this.logs = inRoot('logs');
    this.home = inRoot('home');
    this.cdkOut = inRoot('cdk.out');
    this.environment = inRoot('environment.sh');
    this.state = inRoot('state.json');
    this.requests = inRoot('requests.jsonl');
    this.devices = inRoot('devices');
    this.sockets = inRoot('run');
    this.greengrass = inRoot('greengrass');
    this.images = inRoot('images');
    this.repositories = inRoot('codecommit');
    this.venv = path.join(shared, 'venv');
    this.experimentsVenv = path.join(shared, 'experiments-venv');
    this.tls = path.join(shared, 'tls');
    this.pipCache = path.join(shared, 'pip-cache');
  }

  /** The folder of `npm run local`, or another one, which shares with it. */
  public static at(root?: string): LocalFolder {
    const shared = path.join(CHECKOUT, '.local');
    return new LocalFolder(root === undefined ? shared : path.resolve(root), shared);
  }

  /** Makes it, if need be, and takes it away from everybody else, also one that an earlier version left open. */
  public make(): void {
    for (const folder of new Set([path.dirname(this.venv), this.root])) {
      fs.mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
      fs.chmodSync(folder, PRIVATE_FOLDER);
    }
  }

  public log(name: string): string {
    return path.join(this.logs, `${name}.log`);
  }

  public get caFile(): string { return path.join(this.tls, 'ca.pem'); }
  public get serverCertificate(): string { return path.join(this.tls, 'server.crt'); }
  public get serverKey(): string { return path.join(this.tls, 'server.key'); }
  public get python(): string { return path.join(this.venv, 'bin', 'python'); }
}
