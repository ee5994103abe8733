import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { CoreDeviceReport, DeploymentReport, DeviceDeployment } from '../greengrass/contracts';
import { Nucleus, type ComponentReport, type NucleusOutcome } from './nucleus';
import { startTokenExchange, type DeviceCredentials } from './token-exchange';
import { tokenHeader } from '../service/control-token';
import { errorText } from '../service/errors';

export interface CoreDeviceOptions {
  /** The stand-in's. */
  readonly url: string;
  /** For the stand-in's control calls. */
  readonly controlToken: string;
  readonly thingName: string;
  readonly region: string;
  /** The nucleus's root folder. */
  readonly root: string;
  /** Where recipes and artifacts are kept in the layout of a local deployment's folders. */
  readonly copies?: string;
  /** Of the device's own role, by its certificate: what it may not read it does not get. */
  readonly credentials: () => Promise<DeviceCredentials>;
  /** `iotRoleAlias` of the nucleus's configuration. */
  readonly roleAlias: string;
  readonly s3: Pick<S3ClientConfig, 'endpoint' | 'requestHandler'>;
  /** For components: the path, endpoints, certificates of the local cloud. */
  readonly environment: Readonly<Record<string, string>>;
  /** Default 500. */
  readonly pollMs?: number;
  readonly log?: (line: string) => void;
}

/** A running core device. */
export interface CoreDevice {
  readonly states: () => Readonly<Record<string, ComponentReport>>;
  /** Stops its components. */
  close(): Promise<void>;
}

/** Starts a core device of the local cloud: it asks for deployments, carries them out as a nucleus does, and tells how that went. */
export async function startCoreDevice(options: CoreDeviceOptions): Promise<CoreDevice> {
  const exchange = await startTokenExchange(options.credentials);
  const s3 = new S3Client({ ...options.s3, region: options.region, forcePathStyle: true, credentials: options.credentials });
  const cloud = new Cloud(options.url, options.controlToken);
  const nucleus = new Nucleus({
    root: options.root, thingName: options.thingName, ...(options.copies === undefined ? {} : { copies: options.copies }),
    role: { roleAlias: options.roleAlias, environment: exchange.environment },
    environment: { ...options.environment, AWS_REGION: options.region, AWS_DEFAULT_REGION: options.region },
    source: {
      recipe: (name, version) => cloud.recipe(name, version), versions: (name) => cloud.versions(name),
      fetch: async (uri) => {
        const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
        const { Body: body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return Buffer.from(await body?.transformToByteArray() ?? []);
      },
    },
  });
  const ending = new AbortController();
  const loop = follow(options, cloud, nucleus, ending.signal);
  return {
    states: () => nucleus.states(),
    close: async () => {
      ending.abort();
      await loop;
      await nucleus.close();
      await exchange.close();
      s3.destroy();
    },
  };
}

async function follow({
  thingName, pollMs = 500, log = () => undefined,
}: CoreDeviceOptions, cloud: Cloud, nucleus: Nucleus, signal: AbortSignal): Promise<void> {
  let told = '';
  const tell = async (): Promise<void> => { // at its start, and whenever a component's state changes
    const report = coreReport(thingName, nucleus);
    if (JSON.stringify(report) === told) {
      return;
    }
    await cloud.reportCore(report);
    told = JSON.stringify(report);
  };
  while (!signal.aborted) {
    try {
      await tell();
      for (const deployment of await cloud.deployments(thingName)) {
        log(`${thingName}: deployment ${deployment.deploymentId}`);
        await cloud.report(thingName, { deploymentId: deployment.deploymentId, status: 'IN_PROGRESS' });
        const outcome = await nucleus.deploy({
          deploymentId: deployment.deploymentId,
          components: deployment.components,
          failurePolicy: deployment.failureHandlingPolicy,
        });
        log(`${thingName}: ${outcome.status}${outcome.reason === undefined ? '' : `, ${outcome.reason}`}`);
        told = ''; // a nucleus reports after each deployment
        await tell();
        await cloud.report(thingName, reportOf(deployment, outcome));
      }
    } catch (error) {
      log(`${thingName}: ${errorText(error)}`); // the stand-in may have ended
    }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

function reportOf({ deploymentId }: DeviceDeployment, outcome: NucleusOutcome): DeploymentReport {
  const { status, reason, errorStack = [], errorTypes = [] } = outcome;
  return {
    deploymentId,
    status: status === 'SUCCESSFUL' ? 'SUCCEEDED' : 'FAILED',
    errorStack, errorTypes,
    reason: `${status}${reason === undefined ? '' : `: ${reason}`}`,
  };
}

function coreReport(thingName: string, nucleus: Nucleus): CoreDeviceReport {
  const components = Object.entries(nucleus.states()).map(([componentName, { version, state, status }]) => ({
    componentName,
    componentVersion: version,
    lifecycleState: state,
    ...(status === undefined ? {} : { lifecycleStateDetails: status.statusReason, lifecycleStatusCodes: status.statusCodes }),
    isRoot: true,
  }));
  return {
    coreDeviceThingName: thingName,
    coreVersion: '2.18.2',
    platform: 'linux',
    architecture: process.arch === 'x64' ? 'amd64' : 'aarch64',
    components,
    status: components.some(({ lifecycleState }) => lifecycleState === 'BROKEN') ? 'UNHEALTHY' : 'HEALTHY',
  };
}

/** The stand-in's side for devices. */
class Cloud {
  public constructor(private readonly url: string, private readonly controlToken: string) {}

  public async deployments(thing: string): Promise<DeviceDeployment[]> {
    return (await this.call<{ deployments: DeviceDeployment[] }>('GET', `devices/${encodeURIComponent(thing)}/deployments`)).deployments;
  }

  public async report(thing: string, report: DeploymentReport): Promise<void> {
    await this.call('POST', `devices/${encodeURIComponent(thing)}/deployments`, report);
  }

  public async reportCore(report: CoreDeviceReport): Promise<void> {
    await this.call('POST', 'core-devices', report);
  }

  public async recipe(name: string, version: string): Promise<string | undefined> {
    return (await this.call<{ recipe?: string }>('POST', 'recipe', { name, version })).recipe;
  }

  public async versions(name: string): Promise<string[]> {
    return (await this.call<{ versions: string[] }>('POST', 'recipe', { name })).versions;
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/_stand-in/${path}`, {
      method,
      headers: tokenHeader(this.controlToken),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) {
      throw new Error(`${method} ${path}: HTTP ${response.status}: ${await response.text()}`);
    }
    return await response.json() as T;
  }
}
