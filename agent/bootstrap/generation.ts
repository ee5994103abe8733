import { chmod, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import type { DeviceManifest } from '../../lib/device/private/manifest-contract';
import type { DeviceSecret } from '../../lib/identity/private/contract';
import { DeviceError, type Generation, type InstalledModel, type SecretStore } from './contracts';
import { type Owner, writeAtomically } from './files';
import { record } from './manifest';
import type { DevicePaths } from './paths';
import { retried, type RetryOptions } from './retry';
import { type ArtifactStore, exists, names } from './store';

const ID_LENGTH = 12; // of the manifest's hash: the socket's path is limited to 107 bytes
const RECORD = 'generation.json';
const KEY = 'sagemaker_edge_';

export interface GenerationOptions {
  readonly paths: DevicePaths;
  readonly store: ArtifactStore;
  readonly secrets: SecretStore;
  readonly retry: RetryOptions;
  /** PEM. */
  readonly rootCa: string;
  /** Who may read the private key. The bootstrap's own user if absent. */
  readonly owner?: Owner;
}

/** Makes and forgets generations: folders with all that one manifest asks for. */
export class Generations {
  public constructor(private readonly options: GenerationOptions) {}

  /** The generation of a manifest, new or as it was left when another took its place. */
  public async prepare(manifest: DeviceManifest, manifestHash: string, progress: (step: string) => Promise<void>): Promise<Generation> {
    const id = manifestHash.slice(0, ID_LENGTH);
    const known = await this.recorded(id);
    if (known !== undefined) {
      return known;
    }
    const { paths, store } = this.options;
    const folder = paths.generation(id);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await progress('downloading the agent');
    const agentFolder = await store.agent(manifest.agent);
    if (!await exists(path.join(agentFolder, 'agent.js'))) {
      throw new DeviceError(`the agent from ${manifest.agent.uri} has no agent.js`);
    }
    const models: InstalledModel[] = [];
    for (const model of manifest.models) {
      await progress(`downloading model ${model.name} ${model.version}`);
      models.push({ name: model.name, version: model.version, folder: await store.model(model) });
    }
    await progress('fetching the certificate');
    await this.writeIdentity(manifest, path.join(folder, 'identity'));
    const generation = { id, agentFolder, configFile: path.join(folder, 'config.json'), socket: paths.generationSocket(id), models };
    await this.writeConfig(manifest, folder);
    await symlink(agentFolder, path.join(folder, 'agent'));
    await writeAtomically(path.join(folder, RECORD), JSON.stringify(generation));
    return generation;
  }

  /** A generation that was prepared whole, and whose artifacts are still there. */
  public async recorded(id: string): Promise<Generation | undefined> {
    const file = path.join(this.options.paths.generation(id), RECORD);
    if (!await exists(file)) {
      return undefined;
    }
    const fields = record(JSON.parse(await readFile(file, 'utf8')), RECORD);
    const { agentFolder, configFile, models } = fields;
    if (typeof agentFolder !== 'string' || typeof configFile !== 'string' || !Array.isArray(models)) {
      return undefined;
    }
    const installed = models.map((model: unknown) => installedModel(record(model, RECORD)));
    for (const place of [agentFolder, ...installed.map(({ folder }) => folder)]) {
      if (!await exists(place)) {
        return undefined;
      }
    }
    return { id, agentFolder, configFile, socket: this.options.paths.generationSocket(id), models: installed };
  }

  /** Takes back a generation that did not work: the next attempt makes it anew. */
  public async forget(id: string): Promise<void> { await rm(this.options.paths.generation(id), { recursive: true, force: true }); }

  /** Removes all but these generations, and the artifacts that none of them needs. */
  public async keepOnly(generations: readonly Generation[]): Promise<void> {
    const { paths, store } = this.options;
    const ids = new Set(generations.map(({ id }) => id));
    for (const name of await names(paths.generations)) {
      if (!ids.has(name)) {
        await rm(paths.generation(name), { recursive: true, force: true });
      }
    }
    await store.keepOnly(generations.flatMap(({ agentFolder, models }) => [agentFolder, ...models.map(({ folder }) => folder)]));
  }

  private async writeIdentity(manifest: DeviceManifest, folder: string): Promise<void> {
    const { secrets, rootCa, owner, retry } = this.options;
    const { secretArn, certificateId } = manifest.identity;
    const secret = await retried(`the certificate could not be read from ${secretArn}`, async () => {
      const found = parseSecret(await secrets.read(secretArn));
      if (found.certificateId !== certificateId) {
        throw new Error(`it holds certificate ${found.certificateId}, not ${certificateId}`);
      }
      return found;
    }, retry);
    await mkdir(folder, { recursive: true });
    await writeAtomically(path.join(folder, 'AmazonRootCA1.pem'), rootCa);
    await writeAtomically(path.join(folder, 'device.pem.crt'), secret.certificatePem);
    const access = { mode: 0o400, ...owner === undefined ? {} : { owner } };
    await writeAtomically(path.join(folder, 'private.pem.key'), secret.privateKeyPem, access);
  }

  private async writeConfig(manifest: DeviceManifest, folder: string): Promise<void> {
    const roots = path.join(folder, 'signing-roots');
    await mkdir(roots, { recursive: true });
    for (const [index, pem] of manifest.signingRoots.entries()) {
      await writeAtomically(path.join(roots, `${index}.pem`), pem);
    }
    const identity = path.join(folder, 'identity');
    const { paths } = this.options;
    const toDisk = manifest.config[`${KEY}core_capture_data_destination`] === 'Disk';
    const captures = toDisk ? { [`${KEY}core_capture_data_disk_path`]: paths.captures } : {};
    await writeAtomically(path.join(folder, 'config.json'), JSON.stringify({
      ...manifest.config, ...captures,
      [`${KEY}core_root_certs_path`]: roots,
      [`${KEY}provider_aws_ca_cert_file`]: path.join(identity, 'AmazonRootCA1.pem'),
      [`${KEY}provider_aws_cert_file`]: path.join(identity, 'device.pem.crt'),
      [`${KEY}provider_aws_cert_pk_file`]: path.join(identity, 'private.pem.key'),
      [`${KEY}local_data_root_path`]: paths.generationData(path.basename(folder)),
    }, undefined, 2));
    await chmod(folder, 0o755);
  }
}

function installedModel(fields: Record<string, unknown>): InstalledModel {
  const { name, version, folder } = fields;
  if (typeof name !== 'string' || typeof version !== 'string' || typeof folder !== 'string') {
    throw new DeviceError(`${RECORD} is damaged`);
  }
  return { name, version, folder };
}

/** What of the secret the device needs. The text itself is in no message. */
function parseSecret(text: string): Required<Pick<DeviceSecret, 'privateKeyPem' | 'certificatePem' | 'certificateId'>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const { privateKeyPem, certificatePem, certificateId } = record(json, 'the secret');
  if (typeof privateKeyPem !== 'string' || typeof certificatePem !== 'string' || typeof certificateId !== 'string') {
    throw new Error('it must hold privateKeyPem, certificatePem and certificateId');
  }
  return { privateKeyPem, certificatePem, certificateId };
}
