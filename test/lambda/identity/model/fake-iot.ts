import { createHash } from 'node:crypto';
import type { IotApi } from '../../../../lambda/identity/dependencies';
import { checkedCalls } from '../../../../local/service/check-input';
import type { SimulatedTime } from '../../cloudformation/time';
import { fail, type Line } from './fault';

export interface Thing {
  typeName?: string | undefined;
  attributes: Record<string, string>;
  /** ARN, and when the thing lets go of it: detaching is asynchronous. */
  readonly principals: Map<string, number>;
}
export interface Certificate {
  readonly csr: string;
  readonly pem: string;
  status: string;
}
interface Policy { readonly document: string; readonly targets: Set<string> }

const DEPRECATION = 5 * 60_000;
const PLAIN_ATTRIBUTES = 3;
const CERTIFICATES = 'arn:aws:iot:eu-west-1:111122223333:cert/';

/** IoT's registry with its rules: what refers to something else keeps it from being deleted. */
export class FakeIot {
  public readonly things = new Map<string, Thing>();
  /** Name, and when it was deprecated. */
  public readonly thingTypes = new Map<string, number | undefined>();
  public readonly certificates = new Map<string, Certificate>();
  public readonly policies = new Map<string, Policy>();
  /** Name and role. */
  public readonly roleAliases = new Map<string, string>();
  /** Whether another service refers to it. */
  public isInUse: (what: { readonly roleAlias?: string; readonly thing?: string }) => boolean = () => false;
  /** How long detaching takes. */
  public detachTakes = 0;
  private issued = 0;

  public constructor(private readonly time: SimulatedTime) {}

  public createThing(name: string, attributes: Record<string, string>): void {
    if (this.things.has(name)) {
      throw fail('ResourceAlreadyExistsException', `Thing ${name} already exists`, 409);
    }
    this.setAttributes({ attributes: {}, principals: new Map() }, attributes);
    this.things.set(name, { attributes, principals: new Map() });
  }

  public updateThing(name: string, change: {
    typeName?: string | undefined;
    removeType?: boolean | undefined;
    attributes?: Record<string, string> | undefined;
  }): void {
    const thing = found(this.things, 'Thing', name);
    if (change.typeName !== undefined && !this.thingTypes.has(change.typeName)) {
      throw fail('ResourceNotFoundException', `Thing type ${change.typeName} not found`, 404);
    }
    if (change.typeName !== undefined && this.thingTypes.get(change.typeName) !== undefined) {
      throw fail('InvalidRequestException', `Can not update thing to deprecated thing type ${change.typeName}`);
    }
    const next = { ...thing, typeName: change.removeType ? undefined : change.typeName ?? thing.typeName };
    this.setAttributes(next, change.attributes ?? thing.attributes);
    Object.assign(thing, next);
  }

  public deleteThing(name: string): void {
    if (this.principals(name).length > 0) {
      throw fail('InvalidRequestException', `Cannot delete. Thing ${name} is still attached to one or more principals`);
    }
    if (this.isInUse({ thing: name })) {
      throw fail('InvalidRequestException', `Cannot delete. Thing ${name} is registered as a device`);
    }
    this.things.delete(name);
  }

  public createThingType(name: string): void {
    if (this.thingTypes.has(name)) {
      throw fail('ResourceAlreadyExistsException', `Thing type ${name} already exists`, 409);
    }
    this.thingTypes.set(name, undefined);
  }

  public async deleteThingType(name: string): Promise<void> {
    this.thingTypes.set(name, this.time.now);
    await this.time.sleep(DEPRECATION);
    const member = [...this.things].find(([, { typeName }]) => typeName === name);
    if (member) {
      throw fail('InvalidRequestException', `Cannot delete thing type ${name}: associated with thing ${member[0]}`);
    }
    this.thingTypes.delete(name);
  }

  public createCertificate(csr: string, status: string): string {
    if (!/^-----BEGIN CERTIFICATE REQUEST-----[^-]+-----END CERTIFICATE REQUEST-----\s*$/.test(csr)) {
      throw fail('InvalidRequestException', 'no signing request');
    }
    const id = createHash('sha256').update(`${csr} ${++this.issued}`).digest('hex');
    this.certificates.set(id, { csr, status, pem: `-----BEGIN CERTIFICATE-----\n${id}\n-----END CERTIFICATE-----\n` });
    return id;
  }

  public deleteCertificate(id: string): void {
    const certificate = found(this.certificates, 'Certificate', id);
    const arn = `${CERTIFICATES}${id}`;
    if ([...this.policies.values()].some(({ targets }) => targets.has(arn))) {
      throw fail('DeleteConflictException', 'The certificate has policies attached to it', 409);
    }
    if ([...this.things.keys()].some((name) => this.principals(name).includes(arn))) {
      throw fail('DeleteConflictException', 'Things must be detached before deletion', 409);
    }
    certificate.status = 'INACTIVE';
    this.certificates.delete(id);
  }

  public createPolicy(name: string, document: string): void {
    if (this.policies.has(name)) {
      throw fail('ResourceAlreadyExistsException', `Policy ${name} already exists`, 409);
    }
    this.policies.set(name, { document, targets: new Set() });
  }

  public deletePolicy(name: string): void {
    if (found(this.policies, 'Policy', name).targets.size > 0) {
      throw fail('DeleteConflictException', `Cannot delete the policy ${name}: it is attached`, 409);
    }
    this.policies.delete(name);
  }

  public attachPolicy(name: string, arn: string): void {
    found(this.certificates, 'Certificate', arn.slice(CERTIFICATES.length));
    found(this.policies, 'Policy', name).targets.add(arn);
  }

  public attachThing(name: string, arn: string): void {
    found(this.certificates, 'Certificate', arn.slice(CERTIFICATES.length));
    found(this.things, 'Thing', name).principals.set(arn, Infinity);
  }

  public detachThing(name: string, arn: string): void {
    const { principals } = found(this.things, 'Thing', name);
    if (principals.has(arn)) {
      principals.set(arn, this.time.now + this.detachTakes);
    }
  }

  public createRoleAlias(name: string, roleArn: string): void {
    if (this.roleAliases.has(name)) {
      throw fail('ResourceAlreadyExistsException', `RoleAlias ${name} already exists`, 409);
    }
    this.roleAliases.set(name, roleArn);
  }

  public deleteRoleAlias(name: string): void {
    const granting = [...this.policies.values()].some(
      ({ document, targets }) => targets.size > 0 && document.includes(`rolealias/${name}"`),
    );
    if (granting || this.isInUse({ roleAlias: name })) {
      throw fail('DeleteConflictException', `Cannot delete the role alias ${name}: it is in use`, 409);
    }
    this.roleAliases.delete(name);
  }

  /** Who is attached to a thing, as far as it shows. */
  public principals(name: string): string[] {
    return [...found(this.things, 'Thing', name).principals].filter(([, until]) => this.time.now < until).map(([arn]) => arn);
  }

  /** What the handlers see of it. */
  public api(line: Line): IotApi {
    return checkedCalls('IoT', {
      describeThing: ({ thingName = '' }) => line.call('describeThing', () => {
        const { typeName, attributes } = found(this.things, 'Thing', thingName);
        return { thingTypeName: typeName, attributes: { ...attributes } };
      }),
      updateThing: ({ thingName = '', thingTypeName, removeThingType, attributePayload }) => line.call('updateThing', () => {
        this.updateThing(thingName, { typeName: thingTypeName, removeType: removeThingType, attributes: attributePayload?.attributes });
        return {};
      }),
      describeCertificate: ({ certificateId = '' }) => line.call('describeCertificate', () => {
        const { pem } = found(this.certificates, 'Certificate', certificateId);
        return { certificateDescription: { certificatePem: pem } };
      }),
      listThingPrincipals: ({ thingName = '', nextToken }) => line.call('listThingPrincipals', () => {
        // a page holds one, the newest first
        const [principal, ...rest] = this.principals(thingName).reverse().slice(Number(nextToken ?? '0'));
        return {
          principals: principal === undefined ? [] : [principal],
          nextToken: rest.length > 0 ? String(Number(nextToken ?? '0') + 1) : undefined,
        };
      }),
      describeEndpoint: ({ endpointType = '' }) => line.call('describeEndpoint', () => ({ endpointAddress: `abc.${endpointType}` })),
    });
  }

  private setAttributes(thing: Thing, attributes: Record<string, string>): void {
    if (thing.typeName === undefined && Object.keys(attributes).length > PLAIN_ATTRIBUTES) {
      throw fail('InvalidRequestException', 'A thing without a thing type has at most 3 attributes');
    }
    thing.attributes = { ...attributes };
  }
}

function found<T>(all: ReadonlyMap<string, T>, kind: string, name: string): T {
  const one = all.get(name);
  if (one === undefined) {
    throw fail('ResourceNotFoundException', `${kind} ${name} not found`, 404);
  }
  return one;
}
