import { randomUUID } from 'node:crypto';
import { isRecord } from '../service/validator';
import type { ComponentStore } from './components';
import type { DeploymentReport, DeviceDeployment, ThingRegistry } from './contracts';
import { conflict, invalid, notFound } from './errors';
import type { DeploymentRequest, JobConfiguration, Policies, Specification } from './types';

export type DeploymentStatus = 'ACTIVE' | 'CANCELED' | 'INACTIVE';

export interface StoredDeployment {
  readonly id: string;
  readonly arn: string;
  readonly revision: number;
  readonly targetArn: string;
  readonly name: string | undefined;
  readonly components: Readonly<Record<string, Specification>>;
  readonly policies: Policies;
  readonly job: JobConfiguration;
  readonly jobId: string | undefined;
  /** Seconds since 1970. */
  readonly created: number;
  readonly token: string | undefined;
  readonly reports: Map<string, DeploymentReport & { readonly modified: number }>;
  readonly tags: Map<string, string>;
  status: DeploymentStatus;
  isLatest: boolean;
}

/** Deployments: one a target is the latest, and a new one takes its place at once. */
export class DeploymentStore {
  private readonly stored = new Map<string, StoredDeployment>();
  private revisions = 0;

  public constructor(private readonly prefix: string, private readonly components: ComponentStore, private readonly things: ThingRegistry) {}

  public arn(id: string): string {
    return `${this.prefix}:deployments:${id}`;
  }

  /** The deployment that a token or a target stands for now. */
  public latestFor(targetArn: string): StoredDeployment | undefined {
    return [...this.stored.values()].find((deployment) => deployment.targetArn === targetArn && deployment.isLatest);
  }

  public async create(request: DeploymentRequest): Promise<StoredDeployment> {
    const { targetArn, clientToken, deploymentName, components = {}, iotJobConfiguration: job = {}, deploymentPolicies: policies = {}, tags = {} } = request;
    const again = clientToken === undefined ? undefined : [...this.stored.values()].find(({ token }) => token === clientToken);
    if (again) { return again; }
    const group = /:thinggroup\/(.+)$/.exec(targetArn)?.[1];
    if (group !== undefined && await this.things.membersOf(group) === undefined) { throw notFound('thingGroup', targetArn); }
    for (const [name, specification] of Object.entries(components)) { this.checkSpecification(name, specification); }
    const before = this.latestFor(targetArn);
    if (before) {
      before.isLatest = false;
      if (before.status === 'ACTIVE') { before.status = 'INACTIVE'; }
    }
    this.revisions += 1;
    const id = randomUUID();
    const deployment: StoredDeployment = {
      id, arn: this.arn(id), revision: this.revisions, targetArn, name: deploymentName, components, policies, job,
      jobId: group === undefined ? undefined : randomUUID(), created: Date.now() / 1000, token: clientToken,
      reports: new Map(), tags: new Map(Object.entries(tags)), status: 'ACTIVE', isLatest: true,
    };
    this.stored.set(id, deployment);
    return deployment;
  }

  public get(id: string): StoredDeployment {
    const deployment = this.stored.get(id);
    if (!deployment) { throw notFound('deployment', id); }
    return deployment;
  }

  public cancel(id: string): void {
    const deployment = this.get(id);
    if (deployment.status === 'ACTIVE') { deployment.status = 'CANCELED'; }
  }

  public delete(id: string): void {
    if (this.get(id).status === 'ACTIVE') { throw conflict('deployment', id, `The deployment ${id} is active: cancel it before you delete it`); }
    this.stored.delete(id);
  }

  public all(): StoredDeployment[] {
    return [...this.stored.values()];
  }

  /** What a device has to do now: the latest of its targets, combined. Undefined where it has been told of nothing. */
  public async pendingFor(thing: string): Promise<DeviceDeployment[]> {
    const pending: DeviceDeployment[] = [];
    for (const deployment of this.stored.values()) {
      if (deployment.status !== 'ACTIVE' || !deployment.isLatest || !await this.isFor(deployment, thing)) { continue; }
      const status = deployment.reports.get(thing)?.status;
      if (status === undefined || status === 'IN_PROGRESS') { pending.push(forDevice(deployment)); }
    }
    return pending;
  }

  public report(thing: string, report: DeploymentReport): void {
    this.get(report.deploymentId).reports.set(thing, { ...report, modified: Date.now() / 1000 });
  }

  /** All that the device was told of, newest first. */
  public async effectiveFor(thing: string): Promise<{ deployment: StoredDeployment; report: (DeploymentReport & { modified: number }) | undefined }[]> {
    const found: { deployment: StoredDeployment; report: (DeploymentReport & { modified: number }) | undefined }[] = [];
    for (const deployment of [...this.stored.values()].reverse()) {
      const report = deployment.reports.get(thing);
      if (report !== undefined || (deployment.status === 'ACTIVE' && await this.isFor(deployment, thing))) { found.push({ deployment, report }); }
    }
    return found;
  }

  private async isFor({ targetArn }: StoredDeployment, thing: string): Promise<boolean> {
    const group = /:thinggroup\/(.+)$/.exec(targetArn)?.[1];
    return group === undefined ? targetArn.endsWith(`:thing/${thing}`) : (await this.things.membersOf(group))?.includes(thing) ?? false;
  }

  private checkSpecification(name: string, { componentVersion, configurationUpdate: { merge } = {} }: Specification): void {
    this.components.checkDeployable(name, componentVersion);
    if (merge !== undefined && !isRecord(parsed(merge))) { throw invalid(`The configuration update of ${name} must be a JSON object, got ${merge.slice(0, 80)}`); }
  }
}

function forDevice({ id, components, policies }: StoredDeployment): DeviceDeployment {
  return {
    deploymentId: id, failureHandlingPolicy: policies.failureHandlingPolicy ?? 'ROLLBACK',
    components: Object.fromEntries(Object.entries(components).map(([name, { componentVersion: version, configurationUpdate }]) => {
      const merge = parsed(configurationUpdate?.merge ?? '');
      return [name, { version, ...(configurationUpdate?.reset ? { reset: configurationUpdate.reset } : {}), ...(isRecord(merge) ? { merge } : {}) }];
    })),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
