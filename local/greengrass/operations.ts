import type { Caller } from '../sagemaker/contracts';
import { isRecord } from '../sagemaker/validator';
import { ComponentStore, type StoredComponent } from './components';
import type { CoreDeviceReport, GreengrassStandInOptions } from './contracts';
import { DeploymentStore, type StoredDeployment } from './deployments';
import { invalid, notFound } from './errors';

type Input = Readonly<Record<string, unknown>>;
type Right = readonly [action: string, arn: string];

/** An operation: the rights that its caller needs, and what it does. */
export interface GreengrassOperation {
  readonly rights: (input: Input) => readonly Right[];
  readonly run: (input: Input, caller: Caller) => Promise<object> | object;
}

interface KnownCoreDevice extends CoreDeviceReport { readonly updated: number; readonly tags: Map<string, string> }

/** What the stand-in remembers, and the operations on it. */
export class GreengrassWorld {
  public readonly components: ComponentStore;
  public readonly deployments: DeploymentStore;
  public readonly coreDevices = new Map<string, KnownCoreDevice>();
  public readonly operations: Readonly<Record<string, GreengrassOperation>>;
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

  private componentOperations(): Record<string, GreengrassOperation> {
    const arn = (input: Input): string => text(input, 'arn');
    return {
      CreateComponentVersion: {
        rights: (input) => {
          const name = /"componentname"\s*:\s*"([^"]+)"/i.exec(recipeText(input))?.[1] ?? '*';
          return withTags(input, this.components.arn(name), [['greengrass:CreateComponentVersion', this.components.arn(name)]]);
        },
        run: (input, caller) => {
          const component = this.components.create(caller, recipeText(input), tagsOf(input.tags));
          return { arn: component.arn, componentName: component.name, componentVersion: component.version, creationTimestamp: component.created, status: statusOf(component) };
        },
      },
      DescribeComponent: {
        rights: (input) => [['greengrass:DescribeComponent', arn(input)]],
        run: (input) => {
          const component = this.components.get(arn(input));
          return {
            arn: component.arn, componentName: component.name, componentVersion: component.version, creationTimestamp: component.created, publisher: component.publisher,
            description: component.description, status: statusOf(component), platforms: component.platforms.map((attributes) => ({ attributes })), tags: Object.fromEntries(component.tags),
          };
        },
      },
      GetComponent: {
        rights: (input) => [['greengrass:GetComponent', arn(input)]],
        run: (input) => {
          const component = this.components.get(arn(input));
          return { recipeOutputFormat: 'JSON', recipe: Buffer.from(component.recipe).toString('base64'), tags: Object.fromEntries(component.tags) };
        },
      },
      DeleteComponent: { rights: (input) => [['greengrass:DeleteComponent', arn(input)]], run: (input) => { this.components.delete(arn(input)); return {}; } },
      ListComponents: {
        rights: () => [['greengrass:ListComponents', '*']],
        run: () => ({
          components: [...new Set(this.components.all().map(({ name }) => name))].map((componentName) => {
            const [latest] = this.components.versions(componentName);
            return { arn: this.components.arn(componentName), componentName, latestVersion: { arn: latest?.arn, componentVersion: latest?.version, creationTimestamp: latest?.created } };
          }),
        }),
      },
      ListComponentVersions: {
        rights: (input) => [['greengrass:ListComponentVersions', arn(input)]],
        run: (input) => ({
          componentVersions: this.components.versions(arn(input).split(':components:')[1] ?? '').map(({ arn: versionArn, name, version }) => ({ arn: versionArn, componentName: name, componentVersion: version })),
        }),
      },
    };
  }

  private deploymentOperations(): Record<string, GreengrassOperation> {
    const id = (input: Input): string => text(input, 'deploymentId');
    const arn = (input: Input): string => this.deployments.arn(id(input));
    return {
      CreateDeployment: {
        // The service makes and ends jobs with the caller's rights.
        rights: (input) => {
          const target = text(input, 'targetArn');
          const before = this.deployments.latestFor(target);
          return withTags(input, this.deployments.arn('new'), [
            ['greengrass:CreateDeployment', '*'], ['iot:CreateJob', target], ['iot:CreateJob', `${this.iot}:job/new`],
            ...target.includes(':thinggroup/') ? [['iot:DescribeThingGroup', target]] as const : [],
            ...before ? [['iot:CancelJob', this.jobArn(before)], ['iot:DescribeJob', this.jobArn(before)]] as const : [],
          ]);
        },
        run: async (input) => {
          const deployment = await this.deployments.create(input, tagsOf(input.tags));
          return { deploymentId: deployment.id, ...this.job(deployment) };
        },
      },
      GetDeployment: {
        rights: (input) => [['greengrass:GetDeployment', arn(input)]],
        run: (input) => {
          const deployment = this.deployments.get(id(input));
          return {
            ...this.summary(deployment), ...this.job(deployment), components: deployment.components, deploymentPolicies: deployment.policies, iotJobConfiguration: deployment.job,
            tags: Object.fromEntries(deployment.tags),
          };
        },
      },
      CancelDeployment: {
        rights: (input) => [['greengrass:CancelDeployment', arn(input)], ['iot:CancelJob', this.jobArn(this.deployments.get(id(input)))]],
        run: (input) => { this.deployments.cancel(id(input)); return { message: 'The deployment is canceled' }; },
      },
      DeleteDeployment: {
        rights: (input) => [['greengrass:DeleteDeployment', arn(input)], ['iot:DeleteJob', this.jobArn(this.deployments.get(id(input)))]],
        run: (input) => { this.deployments.delete(id(input)); return {}; },
      },
      ListDeployments: {
        rights: () => [['greengrass:ListDeployments', '*']],
        run: ({ targetArn, historyFilter }) => ({
          deployments: this.deployments.all().filter((deployment) => (targetArn === undefined || deployment.targetArn === targetArn) && (historyFilter === 'ALL' || deployment.isLatest)).map((deployment) => this.summary(deployment)),
        }),
      },
    };
  }

  private deviceOperations(): Record<string, GreengrassOperation> {
    const name = (input: Input): string => text(input, 'coreDeviceThingName');
    const rights = (action: string) => (input: Input): readonly Right[] => [[`greengrass:${action}`, `${this.prefix}:coreDevices:${name(input)}`]];
    return {
      GetCoreDevice: {
        rights: rights('GetCoreDevice'),
        run: (input) => { const { coreDeviceThingName, coreVersion, platform, architecture, status, updated, tags } = this.coreDevice(name(input)); return { coreDeviceThingName, coreVersion, platform, architecture, status, runtime: 'aws_nucleus_classic', lastStatusUpdateTimestamp: updated, tags: Object.fromEntries(tags) }; },
      },
      ListCoreDevices: {
        rights: () => [['greengrass:ListCoreDevices', '*']],
        run: () => ({ coreDevices: [...this.coreDevices.values()].map(({ coreDeviceThingName, status, updated }) => ({ coreDeviceThingName, status, lastStatusUpdateTimestamp: updated })) }),
      },
      DeleteCoreDevice: { rights: rights('DeleteCoreDevice'), run: (input) => { this.coreDevice(name(input)); this.coreDevices.delete(name(input)); return {}; } },
      ListInstalledComponents: { rights: rights('ListInstalledComponents'), run: (input) => ({ installedComponents: this.coreDevice(name(input)).components }) },
      ListEffectiveDeployments: {
        rights: rights('ListEffectiveDeployments'),
        run: async (input) => {
          this.coreDevice(name(input));
          const effective = await this.deployments.effectiveFor(name(input));
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

  private tagOperations(): Record<string, GreengrassOperation> {
    const arn = (input: Input): string => text(input, 'resourceArn');
    return {
      ListTagsForResource: { rights: (input) => [['greengrass:ListTagsForResource', arn(input)]], run: (input) => ({ tags: Object.fromEntries(this.tags(arn(input))) }) },
      TagResource: {
        rights: (input) => [['greengrass:TagResource', arn(input)]],
        run: (input) => { const tags = this.tags(arn(input)); for (const [key, value] of tagsOf(input.tags)) { tags.set(key, value); } return {}; },
      },
      UntagResource: {
        rights: (input) => [['greengrass:UntagResource', arn(input)]],
        run: (input) => { const tags = this.tags(arn(input)); for (const key of [input.tagKeys].flat()) { tags.delete(String(key)); } return {}; },
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

function recipeText(input: Input): string {
  if (input.lambdaFunction !== undefined) { throw invalid('The local stand-in makes no components of Lambda functions'); }
  return Buffer.from(text(input, 'inlineRecipe'), 'base64').toString('utf8');
}

function withTags(input: Input, arn: string, rights: readonly Right[]): readonly Right[] {
  return tagsOf(input.tags).size === 0 ? rights : [...rights, ['greengrass:TagResource', arn]];
}

function tagsOf(value: unknown): Map<string, string> {
  if (value === undefined || value === null) { return new Map(); }
  if (!isRecord(value)) { throw invalid('tags must be a map'); }
  return new Map(Object.entries(value).map(([key, tag]) => [key, String(tag)]));
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '') { throw invalid(`${name} must be given`); }
  return value;
}
