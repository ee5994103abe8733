import type { CreateDeploymentCommandInput } from '@aws-sdk/client-greengrassv2';
import type { GreengrassCalls } from '../../../../lambda/greengrass/dependencies';
import { checkedCalls } from '../../../../local/service/check-input';
import type { SimulatedTime } from '../../cloudformation/time';
import { fail, type Line } from '../../identity/model/fault';
import type { FakeDevices } from './fake-devices';
import type { FakeGroups } from './fake-groups';
import type { FakeObjects } from './fake-objects';

export interface Component {
  readonly recipe: string;
  readonly failed: boolean;
  readonly tags: Record<string, string>;
  /** A deleted one is there until then. */
  goneAt: number;
}
export interface Deployment {
  readonly id: string;
  readonly input: CreateDeploymentCommandInput;
  readonly created: number;
  status: 'ACTIVE' | 'CANCELED' | 'INACTIVE';
  /** Its job is being cancelled until then. */
  busyUntil: number;
}

const NAME = /"ComponentName":"([^"]+)","ComponentVersion":"([^"]+)"/;
const ARTIFACT = /"Uri":"s3:\/\/([^/"]+)\/([^"]+)"/g;
export const COMPONENTS = 'arn:aws:greengrass:eu-west-1:111122223333:components:';

/** Greengrass with its rules: versions that cannot be changed, one deployment a target, jobs whose end takes a while. */
export class FakeGreengrass {
  /** By ARN. */
  public readonly components = new Map<string, Component>();
  public readonly deployments = new Map<string, Deployment>();
  /** How long a deletion of a component, and the end of a cancelled job, take. */
  public endsTake = 0;
  /** Whether a deployment that is not active any more cannot be cancelled: AWS does not say. */
  public strict = false;
  private made = 0;

  public constructor(
    private readonly time: SimulatedTime,
    private readonly groups: FakeGroups,
    private readonly devices: FakeDevices,
    private readonly objects: FakeObjects,
  ) {}

  /** The version's ARN. It is read from its artifacts whether it can be had. */
  public createComponent(recipe: string, tags: Record<string, string>): string {
    const [, name = '', version = ''] = NAME.exec(recipe) ?? [];
    const arn = `${COMPONENTS}${name}:versions:${version}`;
    if (this.component(arn) !== undefined) {
      throw fail('ConflictException', `Component [${name} : ${version}] already exists`, 409);
    }
    const missing = [...recipe.matchAll(ARTIFACT)].filter(([, bucket = '', key = '']) => !this.objects.has(bucket, key));
    this.components.set(arn, { recipe, tags: { ...tags }, failed: missing.length > 0, goneAt: Infinity });
    if (missing.length > 0) {
      throw fail('NotStabilized', `no artifact ${missing.map(([uri]) => uri).join()}`);
    }
    return arn;
  }

  public deleteComponent(arn: string): void {
    const component = this.component(arn);
    if (component === undefined) {
      throw fail('ResourceNotFoundException', `Component ${arn} not found`, 404);
    }
    component.goneAt = Math.min(component.goneAt, this.time.now + this.endsTake);
  }

  public component(arn: string): Component | undefined {
    const component = this.components.get(arn);
    return component !== undefined && this.time.now < component.goneAt ? component : undefined;
  }

  public createDeployment(input: CreateDeploymentCommandInput): string {
    const again = [...this.deployments.values()].find(
      ({ input: { clientToken } }) => clientToken !== undefined && clientToken === input.clientToken,
    );
    if (again) {
      return again.id;
    }
    const { targetArn = '', components = {} } = input;
    this.groups.things(targetArn.split('/').pop() ?? '');
    for (const [name, { componentVersion = '' }] of Object.entries(components)) {
      if (this.component(`${COMPONENTS}${name}:versions:${componentVersion}`)?.failed !== false) {
        throw fail('ValidationException', `Component ${name} version ${componentVersion} is not deployable`);
      }
    }
    const before = this.latest(targetArn);
    if (before?.status === 'ACTIVE') {
      before.status = 'INACTIVE';
    }
    const id = `deployment-${String(++this.made)}`;
    this.deployments.set(id, { id, input: structuredClone(input), created: this.time.now, status: 'ACTIVE', busyUntil: 0 });
    return id;
  }

  /** The one that the target has, whatever became of it. */
  public latest(targetArn: string): Deployment | undefined {
    return [...this.deployments.values()].filter(({ input }) => input.targetArn === targetArn).pop();
  }

  public deployment(id: string): Deployment {
    const deployment = this.deployments.get(id);
    if (deployment === undefined) {
      throw fail('ResourceNotFoundException', `Deployment ${id} not found`, 404);
    }
    return deployment;
  }

  public cancelDeployment(id: string): void {
    const deployment = this.deployment(id);
    if (deployment.status !== 'ACTIVE') {
      if (this.strict) {
        throw fail('ConflictException', `Deployment ${id} is ${deployment.status}`, 409);
      }
      return;
    }
    deployment.status = 'CANCELED';
    deployment.busyUntil = this.time.now + this.endsTake;
  }

  public deleteDeployment(id: string): void {
    const { status, busyUntil } = this.deployment(id);
    if (status === 'ACTIVE' || this.time.now < busyUntil) {
      throw fail('ConflictException', `Deployment ${id} is active, or being cancelled`, 409);
    }
    this.deployments.delete(id);
  }

  /** What the handlers see of it. */
  public api(line: Line): GreengrassCalls {
    return checkedCalls('GreengrassV2', {
      describeComponent: ({ arn = '' }) => line.call('describeComponent', () => {
        const component = this.component(arn);
        if (component === undefined) {
          throw fail('ResourceNotFoundException', `Component ${arn} not found`, 404);
        }
        return {
          tags: { ...component.tags },
          status: {
            componentState: component.failed ? 'FAILED' as const : 'DEPLOYABLE' as const,
            vendorGuidance: component.goneAt === Infinity ? 'ACTIVE' as const : 'DELETED' as const,
          },
        };
      }),
      deleteComponent: ({ arn = '' }) => line.call('deleteComponent', () => {
        this.deleteComponent(arn);
        return {};
      }),
      tagResource: ({ resourceArn = '', tags = {} }) => line.call('tagResource', () => {
        const component = this.component(resourceArn);
        if (component === undefined) {
          throw fail('ResourceNotFoundException', `Component ${resourceArn} not found`, 404);
        }
        Object.assign(component.tags, tags);
        return {};
      }),
      getDeployment: ({ deploymentId = '' }) => line.call('getDeployment', () => {
        const { input, created, status } = this.deployment(deploymentId);
        const isLatestForTarget = this.latest(input.targetArn ?? '')?.id === deploymentId;
        return {
          ...structuredClone(input),
          deploymentId,
          deploymentStatus: status,
          isLatestForTarget,
          creationTimestamp: new Date(created),
        };
      }),
      createDeployment: (input) => line.call('createDeployment', () => ({ deploymentId: this.createDeployment(input) })),
      cancelDeployment: ({ deploymentId = '' }) => line.call('cancelDeployment', () => {
        this.cancelDeployment(deploymentId);
        return {};
      }),
      deleteDeployment: ({ deploymentId = '' }) => line.call('deleteDeployment', () => {
        this.deleteDeployment(deploymentId);
        return {};
      }),
      listDeployments: ({ targetArn, historyFilter, nextToken }) => line.call('listDeployments', () => {
        const of = [...this.deployments.values()].filter(
          ({ id, input }) => input.targetArn === targetArn && (historyFilter === 'ALL' || this.latest(targetArn ?? '')?.id === id),
        );
        const isOnPage = ({ id }: Deployment) => nextToken === undefined || Number(id.split('-')[1]) < Number(nextToken);
        const [first, ...rest] = of.reverse().filter(isOnPage); // a page holds one, the newest first
        return {
          deployments: first === undefined ? [] : [{
            deploymentId: first.id,
            deploymentStatus: first.status,
            isLatestForTarget: this.latest(targetArn ?? '')?.id === first.id,
            creationTimestamp: new Date(first.created),
          }],
          nextToken: rest.length > 0 ? first?.id.split('-')[1] : undefined,
        };
      }),
      listEffectiveDeployments: ({ coreDeviceThingName = '' }) => line.call('listEffectiveDeployments', () => {
        const isMember = ({ input }: Deployment) => this.groups.has(input.targetArn?.split('/').pop() ?? '', coreDeviceThingName);
        const of = [...this.deployments.values()].filter(isMember);
        return { effectiveDeployments: this.devices.effective(coreDeviceThingName, of) };
      }),
      getCoreDevice: ({ coreDeviceThingName = '' }) => line.call('getCoreDevice', () => this.devices.status(coreDeviceThingName)),
      deleteCoreDevice: ({ coreDeviceThingName = '' }) => line.call('deleteCoreDevice', () => {
        this.devices.forget(coreDeviceThingName);
        return {};
      }),
    });
  }
}
