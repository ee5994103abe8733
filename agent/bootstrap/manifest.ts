import type {
  AgentArtifact, DeviceManifest, DeviceManifestFormat, ModelArtifact,
} from '../../lib/device/private/manifest-contract';
import { DeviceError } from './contracts';

const FORMAT: DeviceManifestFormat = 'cdk-sagemaker-edge/device-1';

/** Reads a manifest. What it does not understand is an error, not a guess. */
export function parseManifest(text: string): DeviceManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DeviceError('the manifest is not JSON');
  }
  const fields = record(json, 'the manifest');
  if (fields.format !== FORMAT) {
    throw new DeviceError(`the manifest's format must be ${FORMAT}, got ${show(fields.format)}`);
  }
  const bootstrap = record(fields.bootstrap, 'bootstrap');
  const identity = record(fields.identity, 'identity');
  return {
    format: FORMAT,
    instanceId: field(fields.instanceId, 'instanceId'),
    thingName: field(fields.thingName, 'thingName'),
    bootstrap: { uri: field(bootstrap.uri, 'bootstrap.uri'), sha256: digest(bootstrap.sha256, 'bootstrap.sha256') },
    agent: parseAgent(record(fields.agent, 'agent')),
    identity: {
      secretArn: field(identity.secretArn, 'identity.secretArn'),
      certificateId: field(identity.certificateId, 'identity.certificateId'),
    },
    config: parseConfig(record(fields.config, 'config')),
    signingRoots: list(fields.signingRoots, 'signingRoots').map((root) => field(root, 'signingRoots')),
    models: parseModels(list(fields.models, 'models')),
  };
}

function parseAgent(fields: Record<string, unknown>): AgentArtifact {
  const uri = field(fields.uri, 'agent.uri');
  const sha256 = fields.sha256 === undefined ? {} : { sha256: digest(fields.sha256, 'agent.sha256') };
  if (fields.files === undefined) {
    return { uri, ...sha256 };
  }
  const files: Record<string, string> = {};
  for (const [name, value] of Object.entries(record(fields.files, 'agent.files'))) {
    files[name] = digest(value, `agent.files['${name}']`);
  }
  return { uri, ...sha256, files };
}

function parseModels(models: readonly unknown[]): ModelArtifact[] {
  const parsed = models.map((model) => {
    const { name, version, uri, sha256 } = record(model, 'models');
    return {
      name: field(name, 'models.name'), version: field(version, 'models.version'), uri: field(uri, 'models.uri'),
      ...sha256 === undefined ? {} : { sha256: digest(sha256, 'models.sha256') },
    };
  });
  const twice = parsed.find(({ name }, index) => parsed.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) {
    throw new DeviceError(`the manifest names model ${twice.name} twice`);
  }
  return parsed;
}

function parseConfig(fields: Record<string, unknown>): Record<string, string | number | boolean> {
  const config: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new DeviceError(`config.${key} must be a scalar, got ${show(value)}`);
    }
    config[key] = value;
  }
  return config;
}

function field(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new DeviceError(`${name} of the manifest must be text, got ${show(value)}`);
  }
  return value;
}

function digest(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
    throw new DeviceError(`${name} of the manifest must be 64 lower-case hexadecimal digits, got ${show(value)}`);
  }
  return value;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new DeviceError(`${name} of the manifest must be a list, got ${show(value)}`);
  }
  return value;
}

export function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DeviceError(`${name} must be an object, got ${show(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}
