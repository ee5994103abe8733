import type { Right } from '../service/operation';
import { ComponentStore, type StoredComponent } from './components';
import type { CoreDeviceReport, GreengrassStandInOptions } from './contracts';
import { DeploymentStore, type StoredDeployment } from './deployments';
import { invalid, notFound } from './errors';
import type { ComponentRequest, GreengrassOperations } from './types';

interface KnownCoreDevice extends CoreDeviceReport { readonly updated: number; readonly tags: Map<string, string> }

/** What the stand-in remembers, and the operations on it. */
export class GreengrassWorld {
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
    this.operations = { ...this.componentOperations(), ...this.deploymentOperations(), ...this.deviceOperations(), ...this.tagOperations() };
  }

  public reportCoreDevice(report: CoreDeviceReport): void {
    this.coreDevices.set(report.coreDeviceThingName, { ...report, updated: Date.now() / 1000, tags: this.coreDevices.get(report.coreDeviceThingName)?.tags ?? new Map<string, string>() });
  }

  private componentOperations(): GreengrassOperations {
    const resources = ({ arn }: { readonly arn: string }): readonly string[] => [arn];
    return {
      CreateComponentVersion: {
        resources: (request) => [this.componentArn(request)],
        rights: (request) => taggingRights(request.tags, this.componentArn(request)),
        run: (request, caller) => {
          const component = this.components.create(caller, recipeText(request), new Map(Object.entries(request.tags ?? {})));
          return { arn: component.arn, componentName: component.name, componentVersion: component.version, creationTimestamp: component.created, status: statusOf(component) };
        },
      },
      DescribeComponent: {
        resources,
        run: ({ arn }) => {
          const component = this.components.get(arn);
          return {
            arn: component.arn, componentName: component.name, componentVersion: component.version, creationTimestamp: component.created, publisher: component.publisher,
            description: component.description, status: statusOf(component), platforms: component.platforms.map((attributes) => ({ attributes })), tags: Object.fromEntries(component.tags),
          };
        },
      },
      GetComponent: {
        resources,
        run: ({ arn }) => {
          const component = this.components.get(arn);
          return { recipeOutputFormat: 'JSON', recipe: Buffer.from(component.recipe).toString('base64'), tags: Object.fromEntries(component.tags) };
        },
      },
      DeleteComponent: { resources, run: ({ arn }) => { this.components.delete(arn); return {}; } },
      ListComponents: {
        run: () => ({
          components: [...new Set(this.components.all().map(({ name }) => name))].map((componentName) => {
            const [latest] = this.components.versions(componentName);
            return { arn: this.components.arn(componentName), componentName, latestVersion: { arn: latest?.arn, componentVersion: latest?.version, creationTimestamp: latest?.created } };
          }),
        }),
      },
      ListComponentVersions: {
        resources,
        run: ({ arn }) => ({
          componentVersions: this.components.versions(arn.split(':components:')[1] ?? '').map(({ arn: versionArn, name, version }) => ({ arn: versionArn, componentName: name, componentVersion: version })),
        }),
      },
    };
  }

  private deploymentOperations(): GreengrassOperations {
    const resources = ({ deploymentId }: { readonly deploymentId: string }): readonly string[] => [this.deployments.arn(deploymentId)];
    const jobRight = (action: string) => ({ deploymentId }: { readonly deploymentId: string }): readonly Right[] => [[action, this.jobArn(this.deployments.get(deploymentId))]];
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
            ...this.summary(deployment), ...this.job(deployment), components: deployment.components, deploymentPolicies: deployment.policies, iotJobConfiguration: deployment.job,
            tags: Object.fromEntries(deployment.tags),
          };
        },
      },
      CancelDeployment: {
        resources, rights: jobRight('iot:CancelJob'),
        run: ({ deploymentId }) => { this.deployments.cancel(deploymentId); return { message: 'The deployment is canceled' }; },
      },
      DeleteDeployment: {
        resources, rights: jobRight('iot:DeleteJob'),
        run: ({ deploymentId }) => { this.deployments.delete(deploymentId); return {}; },
      },
      ListDeployments: {
        run: ({ targetArn, historyFilter }) => ({
          deployments: this.deployments.all().filter((deployment) => (targetArn === undefined || deployment.targetArn === targetArn) && (historyFilter === 'ALL' || deployment.isLatest)).map((deployment) => this.summary(deployment)),
        }),
      },
    };
  }

  private deviceOperations(): GreengrassOperations {
    const resources = ({ coreDeviceThingName }: { readonly coreDeviceThingName: string }): readonly string[] => [`${this.prefix}:coreDevices:${coreDeviceThingName}`];
    return {
      GetCoreDevice: {
        resources,
        run: ({ coreDeviceThingName }) => {
          const { coreVersion, platform, architecture, status, updated, tags } = this.coreDevice(coreDeviceThingName);
          return {
            coreDeviceThingName, coreVersion, platform, architecture, status, runtime: 'aws_nucleus_classic', lastStatusUpdateTimestamp: updated,
            tags: Object.fromEntries(tags),
          };
        },
      },
      ListCoreDevices: {
        run: () => ({ coreDevices: [...this.coreDevices.values()].map(({ coreDeviceThingName, status, updated }) => ({ coreDeviceThingName, status, lastStatusUpdateTimestamp: updated })) }),
      },
      DeleteCoreDevice: { resources, run: ({ coreDeviceThingName: name }) => { this.coreDevice(name); this.coreDevices.delete(name); return {}; } },
      ListInstalledComponents: { resources, run: ({ coreDeviceThingName: name }) => ({ installedComponents: this.coreDevice(name).components }) },
      ListEffectiveDeployments: {
        resources,
        run: async ({ coreDeviceThingName: name }) => {
          this.coreDevice(name);
          const effective = await this.deployments.effectiveFor(name);
          return {
            effectiveDeployments: effective.map(({ deployment, report }) => ({
              deploymentId: deployment.id, deploymentName: deployment.name ?? deployment.id, ...this.job(deployment), targetArn: deployment.targetArn,
              coreDeviceExecutionStatus: report?.status ?? 'QUEUED', reason: report?.reason, creationTimestamp: deployment.created, modifiedTimestamp: report?.modified ?? deployment.created,
              statusDetails: report?.detail === undefined ? undefined : { errorStack: report.status === 'FAILED' ? [report.detail] : [], errorTypes: [] },
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
          for (const [key, value] of Object.entries(given)) { tags.set(key, value); }
          return {};
        },
      },
      UntagResource: {
        resources,
        run: ({ resourceArn, tagKeys }) => {
          const tags = this.tags(resourceArn);
          for (const key of tagKeys) { tags.delete(key); }
          return {};
        },
      },
    };
  }

  private tags(arn: string): Map<string, string> {
    const [, kind, id = ''] = /:(components|deployments|coreDevices):([^:]+)/.exec(arn) ?? [];
    if (kind === 'components') { return this.components.get(arn).tags; }
    return kind === 'deployments' ? this.deployments.get(id).tags : this.coreDevice(id).tags;
  }

  private coreDevice(name: string): KnownCoreDevice {
    const device = this.coreDevices.get(name);
    if (!device) { throw notFound('coreDevice', name); }
    return device;
  }

  private componentArn(request: ComponentRequest): string {
    return this.components.arn(/"componentname"\s*:\s*"([^"]+)"/i.exec(recipeText(request))?.[1] ?? '*');
  }

  private jobArn(deployment: StoredDeployment): string {
    return `${this.iot}:job/${deployment.jobId ?? deployment.id}`;
  }

  private job(deployment: StoredDeployment): object {
    return deployment.jobId === undefined ? {} : { iotJobId: deployment.jobId, iotJobArn: this.jobArn(deployment) };
  }

  private summary({ id, revision, targetArn, name, status, isLatest, created }: StoredDeployment): object {
    return { deploymentId: id, revisionId: String(revision), targetArn, deploymentName: name, deploymentStatus: status, isLatestForTarget: isLatest, creationTimestamp: created };
  }
}

function statusOf({ state, message }: StoredComponent): object {
  return { componentState: state, message, errors: state === 'FAILED' ? { artifact: message } : {}, vendorGuidance: 'ACTIVE', vendorGuidanceMessage: 'NONE' };
}

function recipeText({ lambdaFunction, inlineRecipe }: ComponentRequest): string {
  if (lambdaFunction !== undefined) { throw invalid('The local stand-in makes no components of Lambda functions'); }
  if (inlineRecipe === undefined) { throw invalid('inlineRecipe must be given'); }
  return Buffer.from(inlineRecipe, 'base64').toString('utf8');
}

function taggingRights(tags: Readonly<Record<string, string>> = {}, arn: string): readonly Right[] {
  return Object.keys(tags).length === 0 ? [] : [['greengrass:TagResource', arn]];
}
