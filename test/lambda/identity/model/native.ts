import type { ResourceEvent } from '../../../../lambda/shared/events';
import type { Answer, ResourceType } from '../../cloudformation/handler-function';
import { Fields } from '../../cloudformation/template';
import type { SimulatedTime } from '../../cloudformation/time';
import type { FakeIot } from './fake-iot';
import type { FakeEdgeManager, FakeSecrets } from './fake-services';

interface Made { readonly id: string; readonly data?: Readonly<Record<string, string>> }
export interface Native {
  create(properties: Fields, logicalId: string): Made;
  /** Absent: any change is a replacement. */
  update?(properties: Fields): void;
  /** Properties whose change is a replacement. */
  readonly identity?: readonly string[];
  delete(id: string, properties: Fields): void | Promise<void>;
}

/** Resource types of CloudFormation's own, as it makes and deletes them. It waits for nothing but a thing type's deprecation. */
export function nativeTypes(iot: FakeIot, secrets: FakeSecrets, edge: FakeEdgeManager): Readonly<Record<string, Native>> {
  let made = 0;
  const name = (given: string, logicalId: string) => given === '' ? `Demo-${logicalId}-${String(++made)}` : given;
  return {
    'AWS::IoT::Thing': {
      create: (properties, logicalId) => {
        const thing = name(properties.get('ThingName'), logicalId);
        iot.createThing(thing, properties.fields('AttributePayload').fields('Attributes').entries());
        return { id: thing, data: { Arn: `arn:aws:iot:eu-west-1:111122223333:thing/${thing}` } };
      },
      delete: (id) => { iot.deleteThing(id); },
    },
    'AWS::IoT::ThingType': {
      create: (properties, logicalId) => {
        const type = name(properties.get('ThingTypeName'), logicalId);
        iot.createThingType(type);
        return { id: type };
      },
      delete: (id) => iot.deleteThingType(id),
    },
    'AWS::IoT::RoleAlias': {
      create: (properties, logicalId) => {
        const alias = name(properties.get('RoleAlias'), logicalId);
        iot.createRoleAlias(alias, properties.get('RoleArn'));
        return { id: alias, data: { RoleAliasArn: `arn:aws:iot:eu-west-1:111122223333:rolealias/${alias}` } };
      },
      delete: (id) => { iot.deleteRoleAlias(id); },
    },
    'AWS::IoT::Certificate': {
      create: (properties) => {
        const id = iot.createCertificate(properties.get('CertificateSigningRequest'), properties.get('Status'));
        return { id, data: { Id: id, Arn: `arn:aws:iot:eu-west-1:111122223333:cert/${id}` } };
      },
      delete: (id) => { iot.deleteCertificate(id); },
    },
    'AWS::IoT::Policy': {
      create: (properties, logicalId) => {
        const policy = name(properties.get('PolicyName'), logicalId);
        iot.createPolicy(policy, properties.get('PolicyDocument'));
        return { id: policy };
      },
      delete: (id) => { iot.deletePolicy(id); },
    },
    'AWS::IoT::PolicyPrincipalAttachment': {
      create: (properties) => {
        iot.attachPolicy(properties.get('PolicyName'), properties.get('Principal'));
        return { id: `${properties.get('PolicyName')}|${properties.get('Principal')}` };
      },
      delete: (_, properties) => { iot.policies.get(properties.get('PolicyName'))?.targets.delete(properties.get('Principal')); },
    },
    'AWS::IoT::ThingPrincipalAttachment': {
      create: (properties) => {
        iot.attachThing(properties.get('ThingName'), properties.get('Principal'));
        return { id: `${properties.get('ThingName')}|${properties.get('Principal')}` };
      },
      delete: (_, properties) => { iot.detachThing(properties.get('ThingName'), properties.get('Principal')); },
    },
    'AWS::SecretsManager::Secret': {
      create: (properties) => {
        const arn = secrets.create(properties.get('Name'));
        return { id: arn, data: { Id: arn } };
      },
      update: () => undefined, identity: ['Name'],
      delete: (id) => { secrets.remove(id); },
    },
    'AWS::SageMaker::DeviceFleet': {
      create: (properties) => {
        edge.createFleet(properties.get('DeviceFleetName'), properties.get('RoleArn'));
        return { id: properties.get('DeviceFleetName') };
      },
      update: (properties) => { edge.updateFleet(properties.get('DeviceFleetName'), properties.get('RoleArn')); },
      identity: ['DeviceFleetName'],
      delete: (id) => { edge.deleteFleet(id); },
    },
    // Its physical id is its fleet's name. No property replaces it as far as the documented schema goes.
    'AWS::SageMaker::Device': {
      create: (properties) => {
        edge.register(
          properties.get('DeviceFleetName'),
          properties.fields('Device').get('DeviceName'),
          properties.fields('Device').get('IotThingName'),
        );
        return { id: properties.get('DeviceFleetName') };
      },
      update: (properties) => {
        const [fleet, device] = [properties.get('DeviceFleetName'), properties.fields('Device').get('DeviceName')];
        if (!edge.devices(fleet).has(device)) {
          throw new Error(`No device with name ${device}`);
        }
      },
      identity: [],
      delete: (_, properties) => { edge.deregister(properties.get('DeviceFleetName'), properties.fields('Device').get('DeviceName')); },
    },
  };
}

/** Roles, functions, buckets: there at once, and nobody looks. */
const INERT: Native = { create: (_, logicalId) => ({ id: logicalId }), update: () => undefined, identity: [], delete: () => undefined };

/** A resource type of CloudFormation's own, with what it remembers. */
export class NativeType implements ResourceType {
  public readonly native = true;
  private readonly data = new Map<string, Readonly<Record<string, string>>>();

  public constructor(
    private readonly time: SimulatedTime,
    private readonly duration: (logicalId: string) => number,
    private readonly type: Native | undefined,
  ) {}

  public async send(event: ResourceEvent): Promise<Answer> {
    const type = this.type ?? INERT;
    const properties = new Fields(event.ResourceProperties);
    const id = event.PhysicalResourceId ?? '';
    if (type !== INERT) {
      await this.time.sleep(this.duration(event.LogicalResourceId));
    }
    try {
      if (event.RequestType === 'Delete') {
        await type.delete(id, properties);
      } else if (event.RequestType === 'Update' && !this.isReplaced(type, event)) {
        type.update?.(properties);
        return this.answer(id);
      } else {
        const { id: made, data } = type.create(properties, event.LogicalResourceId);
        this.data.set(made, data ?? {});
        return this.answer(made);
      }
      return this.answer(id);
    } catch (error) {
      return { ok: false, id, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private isReplaced(type: Native, event: ResourceEvent): boolean {
    return type.update === undefined || (type.identity ?? []).some(
      (name) => JSON.stringify(event.ResourceProperties[name]) !== JSON.stringify(event.OldResourceProperties?.[name]),
    );
  }

  private answer(id: string): Answer {
    return { ok: true, id, data: this.data.get(id) ?? {} };
  }
}
