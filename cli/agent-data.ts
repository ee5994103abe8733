import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { MODEL_NAME } from '../agent/config/config';
import { isRecord } from '../agent/config/reader';
import type { ManifestFileName } from '../lib/model/private/manifest-contract';
import { usageProblem } from './problem';

/** Where `agent` keeps what it needs, unless it is told otherwise: below the current folder. */
export const DATA_FOLDER = 'edge-agent-data';
export const SOCKET = 'agent.sock';
const MANIFEST: ManifestFileName = 'sagemaker_edge_manifest';

/** A model that the agent loads when it starts. */
export interface ModelAtStart { readonly name: string; readonly path: string }

/** A model package in a folder, by the name in its manifest. */
export function modelAtStart(folder: string): ModelAtStart {
  const path = resolve(folder);
  const manifest = join(path, MANIFEST);
  if (!existsSync(path) || !statSync(path).isDirectory() || !existsSync(manifest)) {
    throw usageProblem(`${path} is no model package: it has no ${MANIFEST}`, 'npx cdk-sagemaker-edge pack model.onnx -o <folder> makes one');
  }
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  const name: unknown = isRecord(content) && isRecord(content.metadata) ? content.metadata.model_name : undefined;
  if (typeof name !== 'string' || !MODEL_NAME.test(name)) {
    throw usageProblem(`${manifest} has no metadata.model_name that the agent takes, got ${JSON.stringify(name)}`);
  }
  return { name, path };
}

/** The configuration of an agent without a cloud: captures stay on the disk, in the layout of a bucket. */
function offlineConfig(folder: string, models: readonly ModelAtStart[]): Readonly<Record<string, unknown>> {
  const key = (name: string): string => `sagemaker_edge_${name}`;
  return {
    [key('core_device_name')]: deviceName(),
    [key('core_device_fleet_name')]: 'local',
    [key('core_region')]: 'us-east-1',
    [key('core_root_certs_path')]: join(folder, 'roots'),
    [key('provider_provider')]: 'None',
    [key('core_capture_data_destination')]: 'Disk',
    [key('core_capture_data_disk_path')]: join(folder, 'captures'),
    [key('core_folder_prefix')]: '',
    [key('core_capture_data_buffer_size')]: 30,
    [key('core_capture_data_batch_size')]: 1,
    [key('core_capture_data_push_period_seconds')]: 1,
    [key('local_data_root_path')]: join(folder, 'state'),
    [key('heartbeat_period_seconds')]: 0,
    [key('metrics_period_seconds')]: 0,
    [key('models')]: models,
  };
}

/** Writes the configuration of an agent whose data are in `folder`, and makes the folders that it names. */
export function writeOfflineConfig(file: string, folder: string, models: readonly ModelAtStart[]): void {
  for (const made of ['roots', 'captures', 'state']) {
    mkdirSync(join(folder, made), { recursive: true });
  }
  writeFileSync(file, `${JSON.stringify(offlineConfig(folder, models), undefined, 2)}\n`);
}

/** This machine's name, as far as it may be a device's. */
function deviceName(): string {
  const name = hostname().replaceAll(/[^a-zA-Z0-9]+/g, '-').slice(0, 63).replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'device' : name;
}
