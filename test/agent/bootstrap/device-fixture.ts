import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { CaptureDrain } from '../../../agent/bootstrap/capture-drain';
import {
  AgentRefusal, type AgentConnection, type AgentHost, type Clock, type Generation, type ObjectState, type ObjectStore, type SecretStore,
} from '../../../agent/bootstrap/contracts';
import { Device } from '../../../agent/bootstrap/device';
import { Generations } from '../../../agent/bootstrap/generation';
import { connectAgent } from '../../../agent/bootstrap/grpc-connection';
import { DevicePaths } from '../../../agent/bootstrap/paths';
import { ProcessHost } from '../../../agent/bootstrap/process-host';
import { ArtifactStore } from '../../../agent/bootstrap/store';
import { Switcher } from '../../../agent/bootstrap/switcher';

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
export const CERTIFICATE_ID = 'c'.repeat(64);
const OWN_DIGEST = 'b'.repeat(64);

/** S3 in memory. */
export class FakeObjects implements ObjectStore {
  public readonly objects = new Map<string, Buffer>();
  public readonly downloads: string[] = [];
  /** Errors that the next calls meet, by operation. */
  public readonly errors: { operation: 'read' | 'write' | 'download'; name: string }[] = [];

  public readIfChanged(bucket: string, key: string, etag: string | undefined): Promise<ObjectState> {
    return this.call('read', () => {
      const body = this.objects.get(`${bucket}/${key}`);
      if (body === undefined) {
        return { state: 'missing' };
      }
      return sha256(body) === etag ? { state: 'unchanged' } : { state: 'changed', body, etag: sha256(body) };
    });
  }

  public write(bucket: string, key: string, text: string): Promise<void> {
    return this.call('write', () => {
      this.objects.set(`${bucket}/${key}`, Buffer.from(text));
    });
  }

  public download(bucket: string, key: string, file: string): Promise<void> {
    this.downloads.push(key);
    return this.call('download', () => {
      const body = this.objects.get(`${bucket}/${key}`);
      if (body === undefined) {
        throw named('NoSuchKey');
      }
      fs.writeFileSync(file, body);
    });
  }

  private call<T>(operation: 'read' | 'write' | 'download', action: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      const index = this.errors.findIndex((error) => error.operation === operation);
      if (index >= 0) {
        throw named(this.errors.splice(index, 1)[0]?.name ?? '');
      }
      return action();
    });
  }
}

/** Agents in memory: a socket answers while its generation runs; a model whose folder holds `bad` is refused. */
export class FakeAgents implements AgentHost {
  public readonly running = new Map<string, { readonly loaded: Set<string> }>();
  public readonly started: string[] = [];
  public silent = false;

  public start({ id, socket }: Generation): Promise<void> {
    if (!this.running.has(socket)) {
      this.running.set(socket, { loaded: new Set() });
      this.started.push(id);
    }
    return Promise.resolve();
  }

  public stop(id: string): Promise<void> {
    for (const socket of this.running.keys()) {
      if (socket.endsWith(`/${id}.sock`)) {
        this.running.delete(socket);
      }
    }
    return Promise.resolve();
  }

  public stopAllBut(id: string | undefined): Promise<void> {
    for (const socket of this.running.keys()) {
      if (id === undefined || !socket.endsWith(`/${id}.sock`)) {
        this.running.delete(socket);
      }
    }
    return Promise.resolve();
  }

  public lastWords(): Promise<string> { return Promise.resolve('cannot read the configuration'); }

  public connect = (socket: string): AgentConnection => ({
    listModels: () => this.answer(socket, (loaded) => [...loaded]),
    loadModel: (name, folder) => this.answer(socket, (loaded) => {
      if (fs.existsSync(path.join(folder, 'bad'))) {
        throw new AgentRefusal('FAILED_PRECONDITION', 'the model is for DLR');
      }
      if (loaded.has(name)) {
        throw new AgentRefusal('ALREADY_EXISTS', name);
      }
      loaded.add(name);
    }),
    close: () => undefined,
  });

  private answer<T>(socket: string, action: (loaded: Set<string>) => T): Promise<T> {
    return Promise.resolve().then(() => {
      const agent = this.running.get(socket);
      if (agent === undefined || this.silent) {
        throw new AgentRefusal('UNAVAILABLE', 'no connection');
      }
      return action(agent.loaded);
    });
  }
}

/** A device in a temporary folder. */
export class DeviceFixture {
  public readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'device-'));
  public readonly paths = new DevicePaths(path.join(this.root, 'lib'), path.join(this.root, 'run'));
  public readonly objects = new FakeObjects();
  public readonly agents = new FakeAgents();
  public secret = JSON.stringify({ thingName: 'camera', privateKeyPem: 'the private key', certificatePem: 'the certificate', certificateId: CERTIFICATE_ID });
  public now = 0;
  public onSleep = (): void => undefined;
  public readonly host: AgentHost;
  public switcher: Switcher;
  public device: Device;
  private readonly clock: Clock = {
    now: () => this.real ? Date.now() : this.now,
    sleep: (milliseconds) => {
      if (this.real) {
        return sleep(milliseconds);
      }
      this.now += milliseconds;
      this.onSleep();
      return Promise.resolve();
    },
  };

  /** With `real`, agents are processes and time is time. */
  public constructor(private readonly real = false) {
    this.host = real ? new ProcessHost(this.paths, process.execPath, process.env) : this.agents;
    [this.device, this.switcher] = this.make();
  }

  /** A new bootstrap on the same disk. */
  public boot(): Device {
    [this.device, this.switcher] = this.make();
    return this.device;
  }

  public async archive(key: string, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
    const tar = pack();
    for (const [name, content] of Object.entries(files)) {
      tar.entry({ name, mtime: new Date(0) }, content);
    }
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) {
      if (Buffer.isBuffer(chunk)) {
        chunks.push(chunk);
      }
    }
    const body = gzipSync(Buffer.concat(chunks));
    this.objects.objects.set(`artifacts/${key}`, body);
    return sha256(body);
  }

  /** Writes a manifest with an agent and one model of this version; returns its hash. */
  public async deliver(version = '1.0', changes: Readonly<Record<string, unknown>> = {}, modelFiles: Readonly<Record<string, string | Buffer>> = {}): Promise<string> {
    const agent = await this.archive('agent.tar.gz', { 'agent.js': 'agent' });
    const model = await this.archive(`model-${version}.tar.gz`, { 'model.onnx': version, ...modelFiles });
    const manifest = JSON.stringify({
      format: 'cdk-sagemaker-edge/device-1', instanceId: 'i-1', thingName: 'camera', bootstrap: { uri: 's3://artifacts/bootstrap.js', sha256: OWN_DIGEST },
      agent: { uri: 's3://artifacts/agent.tar.gz', sha256: agent }, identity: { secretArn: 'arn:secret', certificateId: CERTIFICATE_ID },
      config: { sagemaker_edge_core_region: 'us-east-1' }, signingRoots: [],
      models: [{ name: 'reader', version, uri: `s3://artifacts/model-${version}.tar.gz`, sha256: model }], ...changes,
    });
    this.objects.objects.set('devices/manifest', Buffer.from(manifest));
    return sha256(manifest);
  }

  public report(): unknown {
    const text = this.objects.objects.get('devices/report');
    return text === undefined ? undefined : JSON.parse(text.toString());
  }

  /** The folder of the model that clients reach through the public socket, if one is loaded. */
  public servedVersion(): string | undefined {
    const socket = fs.readlinkSync(this.paths.socket);
    const generation = this.switcher.current;
    if (generation?.socket !== socket || this.agents.running.get(socket)?.loaded.has('reader') !== true) {
      return undefined;
    }
    return generation.models.find(({ name }) => name === 'reader')?.version;
  }

  private make(): [Device, Switcher] {
    const { paths, objects, host, clock } = this;
    const connect = this.real ? connectAgent : this.agents.connect;
    const retry = { clock, totalMs: 60_000 };
    const secrets: SecretStore = { read: () => Promise.resolve(this.secret) };
    const generations = new Generations({ paths, store: new ArtifactStore(paths.store, objects, retry), secrets, retry, rootCa: 'the root' });
    const drain = new CaptureDrain(paths, generations, host);
    const switcher = new Switcher({ paths, generations, drain, host, connect, clock });
    const device = new Device({
      bucket: 'devices', manifestKey: 'manifest', reportKey: 'report', instanceId: 'i-1', pollMs: 5_000, ownDigest: OWN_DIGEST, objects, generations, switcher, clock,
    });
    return [device, switcher];
  }

  public remove(): void { fs.rmSync(this.root, { recursive: true, force: true }); }
}

function named(name: string): Error {
  return Object.assign(new Error(`S3 says ${name}`), { name });
}
