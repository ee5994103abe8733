import type { Dependencies } from '../../../../lambda/greengrass/dependencies';
import { LIMITS } from '../../../../lambda/greengrass/limits';
import { RESOURCES } from '../../../../lambda/greengrass/resources';
import { handle } from '../../../../lambda/shared/handle';
import { HandlerFunction, type ResourceType } from '../../cloudformation/handler-function';
import type { Live } from '../../cloudformation/stack-model';
import { Fields } from '../../cloudformation/template';
import { IdentityCloud, type Extension } from '../../identity/model/identity-cloud';
import { nativeTypes, NativeType } from '../../identity/model/native';
import { FakeDevices } from './fake-devices';
import { COMPONENTS, FakeGreengrass, type Deployment } from './fake-greengrass';
import { FakeGroups } from './fake-groups';
import { FakeObjects } from './fake-objects';
import { artifactsOf, deploymentOf, greengrassTypes, groupArn } from './native';

const TYPES = [
  'Custom::SageMakerEdge-ComponentArtifacts', 'Custom::SageMakerEdge-ThingGroupMembership',
  'Custom::SageMakerEdge-FleetRevision', 'Custom::SageMakerEdge-FleetRollout',
];
/** In the name of what must go with the stack. */
export const TEMPORARY = 'Temporary';
/** Begins the name of a thing whose core device is not promised to go. */
export const VISITOR = 'visitor';
export const SHARED_BUCKET = 'shared-artifacts';
const RETAINED = 'cdk-sagemaker-edge:retained';

/** A stack of Greengrass fleets over the real handlers, those of identity included, beside somebody else's. */
export class GreengrassCloud implements Extension {
  public readonly cloud: IdentityCloud;
  public readonly groups: FakeGroups;
  public readonly devices: FakeDevices;
  public readonly objects = new FakeObjects();
  public readonly greengrass: FakeGreengrass;
  private readonly handler: HandlerFunction;
  private readonly types: ReadonlyMap<string, ResourceType>;
  /** Copies that a cancelled update made after its rollback: known limit, see lambda/greengrass/component-artifacts.ts. */
  private readonly late = new Set<string>();

  /** The cloud. */
  public static make(): GreengrassCloud {
    return IdentityCloud.extended((identity) => new GreengrassCloud(identity));
  }

  private constructor(cloud: IdentityCloud) {
    this.cloud = cloud;
    const { time, iot, line } = cloud;
    this.groups = new FakeGroups(iot);
    this.devices = new FakeDevices(time, iot);
    this.greengrass = new FakeGreengrass(time, this.groups, this.devices, this.objects);
    const dependencies: Dependencies = {
      greengrass: this.greengrass.api(line),
      iot: this.groups.api(line),
      objects: this.objects.api(line),
      now: () => time.now,
    };
    this.handler = new HandlerFunction(time, (event) => handle(RESOURCES, dependencies, event), LIMITS);
    const natives = greengrassTypes(time, nativeTypes(iot, cloud.secrets, cloud.edge), this);
    this.types = new Map([
      ...Object.entries(natives).map(([type, native]): [string, ResourceType] => [
        type,
        new NativeType(time, (logicalId) => cloud.duration(logicalId), native),
      ]),
      ...TYPES.map((type): [string, ResourceType] => [type, this.handler]),
    ]);
    this.objects.create(SHARED_BUCKET);
    this.objects.onCopy = (bucket, key) => {
      const live = this.live('Custom::SageMakerEdge-ComponentArtifacts');
      const isWanted = live.some(({ properties }) => artifactsOf(properties).some((each) => each.key === key));
      const isUpdated = live.some(({ properties }) => key.startsWith(`${String(properties.ComponentName)}/`));
      if (cloud.stack.isRollingBack && isUpdated && !isWanted) {
        this.late.add(`${bucket}/${key}`);
      } else {
        this.late.delete(`${bucket}/${key}`);
      }
    };
    this.groups.create('their-group');
    this.greengrass.createComponent('{"ComponentName":"Theirs","ComponentVersion":"1.0.0"}', {});
    this.greengrass.createDeployment({ targetArn: groupArn('their-group'), components: { Theirs: { componentVersion: '1.0.0' } } });
  }

  public get iot(): IdentityCloud['iot'] {
    return this.cloud.iot;
  }

  /** What must not be. */
  public faults(): string[] {
    return [...this.cloud.faults(), ...this.handler.faults()];
  }

  public resourceType(type: string): ResourceType | undefined {
    return this.types.get(type);
  }

  public state(): string[] {
    this.devices.report();
    const { groups, greengrass, objects } = this;
    const buckets = new Set(this.live('AWS::S3::Bucket').map(({ id }) => id));
    // A bucket that the stack has let go of is the user's.
    const ours = [...objects.buckets].filter(([bucket]) => buckets.has(bucket) || bucket.includes(TEMPORARY) || bucket === SHARED_BUCKET);
    const deployed = new Set(this.live('AWS::GreengrassV2::Deployment').map(({ properties }) => String(properties.TargetArn)));
    const members = new Set(this.live('Custom::SageMakerEdge-ThingGroupMembership').map(({ properties }) => properties.ThingName));
    const components = [...greengrass.components.keys()].filter((arn) => greengrass.component(arn)?.goneAt === Infinity);
    const isOfKept = (key: string): boolean => components.some((arn) => this.isKept(arn) && key.startsWith(folderOf(arn)));
    return [
      ...[...groups.groups].flatMap(([group, things]) => [`group ${group}`, ...[...things].map((thing) => `member ${group}/${thing}`)]),
      ...components.filter((arn) => !this.isKept(arn)).map((arn) => `component ${arn}${this.isRetained(arn) ? ', retained' : ''}`),
      ...ours.map(([bucket]) => `bucket ${bucket}`),
      ...ours.flatMap(([bucket, keys]) => [...keys.keys()]
        .filter((key) => !this.late.has(`${bucket}/${key}`) && !isOfKept(key))
        .map((key) => `object ${bucket}/${key}`)),
      ...[...groups.groups.keys()]
        .map((group) => greengrass.latest(groupArn(group)))
        .filter((latest) => latest?.status === 'ACTIVE')
        .map((latest) => runs(latest?.input ?? {})),
      ...[...greengrass.deployments.values()]
        .filter(({ id, input: { targetArn = '' } }) =>
          !deployed.has(targetArn) || greengrass.latest(targetArn)?.id !== id || this.isLive(id))
        .map(({ id }) => `deployment ${id}`),
      ...[...this.devices.cores]
        .filter((thing) => !thing.startsWith(VISITOR) && !members.has(thing))
        .map((thing) => `core device ${thing}`),
    ];
  }

  public expected({ type, id, properties }: Live): string[] {
    const fields = new Fields(properties);
    switch (type) {
      case 'AWS::IoT::ThingGroup': return [`group ${id}`];
      case 'AWS::GreengrassV2::ComponentVersion': return [`component ${id}`];
      case 'AWS::GreengrassV2::Deployment': return [`deployment ${id}`, runs(deploymentOf(fields))];
      case 'AWS::S3::Bucket': return [`bucket ${id}`];
      case 'Custom::SageMakerEdge-ThingGroupMembership': return [`member ${fields.get('ThingGroupName')}/${fields.get('ThingName')}`];
      case 'Custom::SageMakerEdge-ComponentArtifacts': return artifactsOf(properties).map(({ bucket, key }) => `object ${bucket}/${key}`);
      default: return [];
    }
  }

  private live(wanted: string): Live[] {
    return [...this.cloud.stack.live.values()].filter(({ type }) => type === wanted);
  }

  private isLive(id: string): boolean {
    return [...this.cloud.stack.live.values()].some((resource) => resource.id === id);
  }

  private isRetained(arn: string): boolean {
    return this.greengrass.component(arn)?.tags[RETAINED] !== undefined;
  }

  /** A version that stays by design, when the stack has let go of it and said so. */
  private isKept(arn: string): boolean {
    return this.greengrass.component(arn)?.tags[RETAINED] === 'true' && !arn.includes(TEMPORARY) && !this.isLive(arn);
  }
}

function folderOf(arn: string): string {
  return `${arn.slice(COMPONENTS.length).replace(':versions:', '/')}/`;
}

function runs({ targetArn, components }: Partial<Deployment['input']>): string {
  return `target ${targetArn ?? ''} runs ${JSON.stringify(components)}`;
}
