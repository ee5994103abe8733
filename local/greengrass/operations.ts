import type { Right } from '../service/operation';
import { componentOperations, taggingRights } from './component-operations';
import { ComponentStore } from './components';
import type { CoreDeviceReport, GreengrassStandInOptions } from './contracts';
import { DeploymentStore, type StoredDeployment } from './deployments';
import { notFound } from './errors';
import type { GreengrassOperations } from './types';

interface KnownCoreDevice extends CoreDeviceReport { readonly updated: number; readonly tags: Map<string, string> }

interface OneDeployment { readonly deploymentId: string }

/** What the stand-in remembers, and the operations on it. */
export class GreengrassState {
  public readonly components: ComponentStore;
  public readonly deployments: DeploymentStore;
  public readonly coreDevices = new Map<string, KnownCoreDevice>();
  public readonly operations: GreengrassOperations;
  private readonly prefix: string;
  private readonly iot: string;

  public constructor({ partition, region, account, artifacts, things, componentMs = 200 }: GreengrassStandInOptions) {
    this.prefix = `arn:${partition}:greengrass:${region}:${account}`;
    this.iot = `arn:${partition}:iot:${region}:${account}`;
    this.components = new ComponentStore(this.prefix, artifacts, componentMs);
    this.deployments = new DeploymentStore(this.prefix, this.components, things);
    this.operations = {
      ...componentOperations(this.components),
      ...this.deploymentOperations(),
      ...this.deviceOperations(),
      ...this.tagOperations(),
    };
  }

  public reportCoreDevice(report: CoreDeviceReport): void {
    this.coreDevices.set(report.coreDeviceThingName, {
      ...report,
      updated: Date.now() / 1000,
      tags: this.coreDevices.get(report.coreDeviceThingName)?.tags ?? new Map<string, string>(),
    });
  }

  private deploymentOperations(): GreengrassOperations {
    const resources = ({ deploymentId: id }: OneDeployment): readonly string[] => [this.deployments.arn(id)];
    const jobRight = (action: string) => ({ deploymentId: id }: OneDeployment): readonly Right[] =>
      [[action, this.jobArn(this.deployments.get(id))]];
    return {
      CreateDeployment: {
        logsOutput: true,
        // The service makes and ends jobs with the caller's rights.
        rights: ({ targetArn, tags }) => {
          const before = this.deployments.latestFor(targetArn);
          return [
            ['iot:CreateJob', targetArn], ['iot:CreateJob', `${this.iot}:job/new`],
            ...targetArn.includes(':thinggroup/') ? [['iot:DescribeThingGroup', targetArn]] as const : [],
            ...before ? [['iot:CancelJob', this.jobArn(before)], ['iot:DescribeJob', this.jobArn(before)]] as const : [],
            ...taggingRights(tags, this.deployments.arn('new')),
          ];
        },
        run: async (request) => {
          const deployment = await this.deployments.create(request);
          return { deploymentId: deployment.id, ...this.job(deployment) };
        },
      },
      GetDeployment: {
        resources,
        run: ({ deploymentId }) => {
          const deployment = this.deployments.get(deploymentId);
          return {
            ...this.summary(deployment),
            ...this.job(deployment),
            components: deployment.components,
            deploymentPolicies: deployment.policies,
            iotJobConfiguration: deployment.job,
            tags: Object.fromEntries(deployment.tags),
          };
        },
      },
      CancelDeployment: {
        resources, rights: jobRight('iot:CancelJob'),
        run: ({ deploymentId }) => {
          this.deployments.cancel(deploymentId);
          return { message: 'SUCCESS' };
        },
      },
      DeleteDeployment: {
        resources, rights: jobRight('iot:DeleteJob'),
        run: ({ deploymentId }) => {
          this.deployments.delete(deploymentId);
          return {};
        },
      },
      ListDeployments: {
        run: ({ targetArn, historyFilter }) => ({
          deployments: this.deployments.all()
            .filter((deployment) => targetArn === undefined || deployment.targetArn === targetArn)
            .filter(({ isLatest }) => historyFilter === 'ALL' || isLatest)
            .map((deployment) => this.summary(deployment)),
        }),
      },
    };
  }

  private deviceOperations(): GreengrassOperations {
    const resources = ({ coreDeviceThingName: name }: { readonly coreDeviceThingName: string }): readonly string[] =>
      [`${this.prefix}:coreDevices:${name}`];
    return {
      GetCoreDevice: {
        resources,
        run: ({ coreDeviceThingName }) => {
          const { coreVersion, platform, architecture, status, updated, tags } = this.coreDevice(coreDeviceThingName);
          return {
            coreDeviceThingName, coreVersion, platform, architecture, status, runtime: 'aws_nucleus_classic',
            lastStatusUpdateTimestamp: updated,
            tags: Object.fromEntries(tags),
          };
        },
      },
      ListCoreDevices: {
        run: () => ({
          coreDevices: [...this.coreDevices.values()].map(({ coreDeviceThingName, status, updated }) => ({
            coreDeviceThingName,
            status,
            lastStatusUpdateTimestamp: updated,
          })),
        }),
      },
      DeleteCoreDevice: {
        resources,
        run: ({ coreDeviceThingName: name }) => {
          this.coreDevice(name);
          this.coreDevices.delete(name);
          return {};
        },
      },
      ListInstalledComponents: {
        resources,
        run: ({ coreDeviceThingName: name }) => ({ installedComponents: this.coreDevice(name).components }),
      },
      ListEffectiveDeployments: {
        resources,
        run: async ({ coreDeviceThingName: name }) => {
          this.coreDevice(name);
          const effective = await this.deployments.effectiveFor(name);
          return {
            effectiveDeployments: effective.map(({ deployment, report }) => ({
              deploymentId: deployment.id,
              deploymentName: deployment.name ?? deployment.id,
              ...this.job(deployment),
              targetArn: deployment.targetArn,
              coreDeviceExecutionStatus: report?.status ?? 'QUEUED',
              reason: report?.reason,
              creationTimestamp: deployment.created,
              modifiedTimestamp: report?.modified ?? deployment.created,
              statusDetails: report && { errorStack: report.errorStack ?? [], errorTypes: report.errorTypes ?? [] },
            })),
          };
        },
      },
    };
  }

  private tagOperations(): GreengrassOperations {
    const resources = ({ resourceArn }: { readonly resourceArn: string }): readonly string[] => [resourceArn];
    return {
      ListTagsForResource: { resources, run: ({ resourceArn }) => ({ tags: Object.fromEntries(this.tags(resourceArn)) }) },
      TagResource: {
        resources,
        run: ({ resourceArn, tags: given }) => {
          const tags = this.tags(resourceArn);
          for (const [key, value] of Object.entries(given)) {
            tags.set(key, value);
          }
          return {};
        },
      },
      UntagResource: {
        resources,
        run: ({ resourceArn, tagKeys }) => {
          const tags = this.tags(resourceArn);
          for (const key of tagKeys) {
            tags.delete(key);
          }
          return {};
        },
      },
    };
  }

  private tags(arn: string): Map<string, string> {
    const [, kind, id = ''] = /:(components|deployments|coreDevices):([^:]+)/.exec(arn) ?? [];
    if (kind === 'components') {
      return this.components.get(arn).tags;
    }
    return kind === 'deployments' ? this.deployments.get(id).tags : this.coreDevice(id).tags;
  }

  private coreDevice(name: string): KnownCoreDevice {
    const device = this.coreDevices.get(name);
    if (!device) {
      throw notFound('coreDevice', name);
    }
    return device;
  }

  private jobArn(deployment: StoredDeployment): string {
    return `${this.iot}:job/${deployment.jobId ?? deployment.id}`;
  }

  private job(deployment: StoredDeployment): object {
    return deployment.jobId === undefined ? {} : { iotJobId: deployment.jobId, iotJobArn: this.jobArn(deployment) };
  }

  private summary({ id, revision, targetArn, name, status, isLatest, created }: StoredDeployment): object {
    return {
      deploymentId: id,
      revisionId: String(revision),
      targetArn,
      deploymentName: name,
      deploymentStatus: status,
      isLatestForTarget: isLatest,
      creationTimestamp: created,
    };
  }
}
