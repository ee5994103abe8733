import { App, Stack } from 'aws-cdk-lib';
import { Template as Synthesized } from 'aws-cdk-lib/assertions';
import { DeviceFleet } from '../../../../lib/edge-manager/device-fleet';
import { DeviceRole } from '../../../../lib/identity/device-role';
import { EdgeDevice } from '../../../../lib/identity/edge-device';
import { RoleAlias } from '../../../../lib/identity/role-alias';
import { Thing } from '../../../../lib/identity/thing';
import { ThingType } from '../../../../lib/identity/thing-type';
import { makeKeyAndRequest } from '../../../../lambda/identity/csr';
import { resourcesOf, synthesizedOnce, type Template } from '../../cloudformation/template';

/** What a user's app says at one time. */
export interface Wish {
  readonly fleet?: 'north' | 'south' | undefined;
  /** How the fleet's camera comes to its certificate, if at all. */
  readonly camera?: 'plain' | 'key' | 'renamed' | 'request1' | 'request2' | 'given' | undefined;
  /** The fleet's alias is one that the app makes, under a name of its own; the fleet has a second device, and other words. */
  readonly changed?: boolean;
  /** A second device, without Edge Manager. */
  readonly scanner?: boolean;
  /** A thing alone: its type and the number of its attributes. */
  readonly gate?: 'plain' | 'small' | 'large' | 'moved' | undefined;
}

const REQUESTS = {
  request1: makeKeyAndRequest('one').certificateSigningRequest,
  request2: makeKeyAndRequest('two').certificateSigningRequest,
};
const ATTRIBUTES = { small: { site: 'north' }, large: { a: '1', b: '2', c: '3', d: '4', e: '5' }, moved: { site: 'south' } };

/** The template that the library makes of it: what the model deploys is what CloudFormation would. */
export const templateOf = synthesizedOnce(synthesize);

function synthesize({ fleet: fleetName, camera, changed, scanner, gate }: Wish): Template {
  const stack = new Stack(new App(), 'Demo', { env: { region: 'eu-west-1', account: '111122223333' } });
  if (fleetName !== undefined) {
    const role = new DeviceRole(stack, 'FleetRole', { trustedServices: ['sagemaker.amazonaws.com'] });
    const fleet = new DeviceFleet(stack, 'Fleet', {
      deviceFleetName: fleetName,
      description: changed ? 'changed' : undefined,
      ...changed ? { roleAlias: new RoleAlias(stack, 'FleetAlias', { roleAliasName: `own-${fleetName}`, role }) } : { role },
    });
    if (changed) {
      fleet.addDevice('Second', { description: 'second', platform: { os: 'linux' } });
    }
    const device = camera && fleet.addDevice('Camera', {
      description: changed ? 'changed' : undefined, deviceName: camera === 'renamed' ? `${fleetName}-entrance` : undefined,
      thing: camera === 'given' ? new Thing(stack, 'GivenThing', { thingName: 'given', thingType: fleet.thingType }) : undefined,
    });
    if (device && camera !== 'plain') {
      device.addCertificate(camera === 'request1' || camera === 'request2' ? { certificateSigningRequest: REQUESTS[camera] } : {});
    }
  }
  if (scanner) {
    const roleAlias = new RoleAlias(stack, 'Alias', { roleAliasName: 'scanners', role: new DeviceRole(stack, 'Role') });
    new EdgeDevice(stack, 'Scanner', { fleetName: 'scanners', roleAlias, thingType: new ThingType(stack, 'Scanners') }).addCertificate();
  }
  if (gate !== undefined) {
    const gates = new ThingType(stack, 'Gates');
    new Thing(stack, 'Gate', gate === 'plain' ? { thingName: 'gate' } : {
      thingName: 'gate', attributes: ATTRIBUTES[gate], thingType: gate === 'moved' ? new ThingType(stack, 'Doors') : gates,
    });
  }
  return resourcesOf(Synthesized.fromStack(stack).toJSON());
}
