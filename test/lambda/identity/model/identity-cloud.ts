import { createPrivateKey, createPublicKey } from 'node:crypto';
import { LIMITS } from '../../../../lambda/identity/limits';
import { RESOURCES } from '../../../../lambda/identity/resources';
import { handle } from '../../../../lambda/shared/handle';
import { Fields } from '../../cloudformation/template';
import { HandlerFunction, type ResourceType } from '../../cloudformation/handler-function';
import { StackModel, type Live } from '../../cloudformation/stack-model';
import { SimulatedTime } from '../../cloudformation/time';
import { FakeEdgeManager, FakeSecrets } from './fake-services';
import { FakeIot } from './fake-iot';
import { Line } from './fault';
import { nativeTypes, NativeType } from './native';

/** Services and resource types beside those of identity. */
export interface Extension {
  resourceType(type: string): ResourceType | undefined;
  /** All that there is of it, a line each. */
  state(): readonly string[];
  /** The lines of one resource of the live template. */
  expected(resource: Live): readonly string[];
}

/** A stack of devices over the real handlers, beside somebody else's. */
export class IdentityCloud {
  public readonly time = new SimulatedTime();
  public readonly line = new Line(this.time);
  public readonly iot = new FakeIot(this.time);
  public readonly secrets = new FakeSecrets(this.time);
  public readonly edge = new FakeEdgeManager(this.iot);
  /** What a native resource takes. */
  public duration: (logicalId: string) => number = () => 1_000;
  public readonly stack: StackModel;
  private readonly handler: HandlerFunction;
  private readonly extension: Extension | undefined;
  private readonly foreign: readonly string[];

  /** One with more, which `extend` makes of it. */
  public static extended<T extends Extension>(extend: (cloud: IdentityCloud) => T): T {
    const made: T[] = [];
    const cloud = new IdentityCloud((identity) => {
      const extension = extend(identity);
      made.push(extension);
      return extension;
    });
    const [extension] = made;
    if (extension === undefined) {
      throw new Error(`no extension of ${cloud.constructor.name}`);
    }
    return extension;
  }

  public constructor(extend?: (cloud: IdentityCloud) => Extension) {
    this.extension = extend?.(this);
    const dependencies = { iot: this.iot.api(this.line), secrets: this.secrets.api(this.line), now: () => this.time.now };
    this.handler = new HandlerFunction(this.time, (event) => handle(RESOURCES, dependencies, event), LIMITS);
    const natives = new Map(Object.entries(nativeTypes(this.iot, this.secrets, this.edge))
      .map(([name, type]) => [name, new NativeType(this.time, (logicalId) => this.duration(logicalId), type)]));
    const inert = new NativeType(this.time, () => 0, undefined);
    // Known limit: a membership's update that is run twice is taken for a rollback. See lambda/shared/declarative-handler.ts.
    const memberships: ResourceType = {
      native: false,
      send: (event, mishaps) => this.handler.send(
        event,
        event.RequestType === 'Update' ? { ...mishaps, twice: false, goesOnTwice: false } : mishaps,
      ),
    };
    this.stack = new StackModel(this.time, (type) => {
      if (type === 'Custom::SageMakerEdge-ThingTypeMembership') {
        return memberships;
      }
      const other = this.extension?.resourceType(type);
      if (other !== undefined) {
        return other;
      }
      return type.startsWith('Custom::SageMakerEdge-') ? this.handler : natives.get(type) ?? inert;
    });
    this.foreign = this.settleStrangers();
  }

  /** What must not be: violations, and what is there that the live template and the strangers do not account for, or is missing. */
  public faults(): string[] {
    const wanted = new Set([...this.foreign, ...[...this.stack.live.values()].flatMap((resource) => this.expected(resource))]);
    const actual = new Set(this.state());
    return [
      ...this.stack.violations,
      ...[...actual].filter((each) => !wanted.has(each)).map((each) => `orphan: ${each}`),
      ...[...wanted].filter((each) => !actual.has(each)).map((each) => `missing: ${each}`),
      ...this.handler.faults(),
      ...this.brokenSecrets(),
    ];
  }

  /** Private keys in what left the handlers, `also` included. */
  public leaks(also: readonly string[]): string[] {
    const said = [...this.handler.said, ...also].join('\n');
    const contents = [...this.secrets.secrets.values()].flatMap(({ versions }) => [...versions.values()]);
    const lines = contents.flatMap((content) => Fields.of(JSON.parse(content)).get('privateKeyPem').split('\n'));
    return [
      ...lines.filter((line) => line.length > 20 && said.includes(line)),
      ...(said.includes('PRIVATE KEY') ? ['a private key was said'] : []),
    ];
  }

  private settleStrangers(): string[] {
    this.iot.createThingType('their-type');
    this.iot.createThing('their-thing', {});
    this.iot.updateThing('their-thing', { typeName: 'their-type', attributes: { owner: 'them' } });
    const request = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n';
    const certificate = this.iot.createCertificate(request, 'ACTIVE');
    const arn = `arn:aws:iot:eu-west-1:111122223333:cert/${certificate}`;
    this.iot.createPolicy('their-policy', '{}');
    this.iot.attachPolicy('their-policy', arn);
    this.iot.attachThing('their-thing', arn);
    this.iot.createRoleAlias('SageMakerEdge-theirs', 'arn:their-role');
    this.edge.createFleet('theirs', 'arn:their-role');
    this.edge.register('theirs', 'their-thing', 'their-thing');
    this.secrets.create('their-secret');
    return this.state();
  }

  /** All that there is, a line each. */
  private state(): string[] {
    const { things, thingTypes, certificates, policies, roleAliases } = this.iot;
    return [
      ...this.extension?.state() ?? [],
      ...[...things].map(([name, { typeName, attributes }]) =>
        typeName === undefined ? `thing ${name}` : typed(name, typeName, JSON.stringify(attributes))),
      ...[...things.keys()].flatMap((name) => this.iot.principals(name).map((arn) => `thing ${name} has ${arn}`)),
      ...[...thingTypes].map(([name, deprecated]) => `thing type ${name}${deprecated === undefined ? '' : ', deprecated'}`),
      ...[...certificates].map(([id, { status }]) => `certificate ${id} ${status}`),
      ...[...policies].flatMap(([name, { targets }]) => [`policy ${name}`, ...[...targets].map((arn) => `policy ${name} on ${arn}`)]),
      ...[...roleAliases].map(([name]) => `role alias ${name}`),
      ...[...this.secrets.contents().keys()].map((arn) => `secret ${arn}`),
      ...[...this.edge.fleets].flatMap(([name, devices]) => [
        `fleet ${name}`,
        ...[...devices].map(([device, thing]) => `device ${name}/${device} is ${thing}`),
      ]),
    ];
  }

  /** The lines of one resource of the live template. */
  private expected({ type, id, properties, ...rest }: Live): string[] {
    const fields = new Fields(properties);
    switch (type) {
      case 'AWS::IoT::Thing': return this.isMember(id) ? [] : [`thing ${id}`];
      case 'Custom::SageMakerEdge-ThingTypeMembership':
        return [typed(fields.get('ThingName'), fields.get('ThingTypeName'), fields.get('Attributes') || '{}')];
      case 'AWS::IoT::ThingType': return [`thing type ${id}`];
      case 'AWS::IoT::Certificate': return [`certificate ${id} ACTIVE`];
      case 'AWS::IoT::Policy': return [`policy ${id}`];
      case 'AWS::IoT::PolicyPrincipalAttachment': return [`policy ${fields.get('PolicyName')} on ${fields.get('Principal')}`];
      case 'AWS::IoT::ThingPrincipalAttachment': return [`thing ${fields.get('ThingName')} has ${fields.get('Principal')}`];
      case 'AWS::IoT::RoleAlias': return [`role alias ${id}`];
      case 'AWS::SecretsManager::Secret': return [`secret ${id}`];
      case 'AWS::SageMaker::DeviceFleet': return [`fleet ${id}`];
      case 'AWS::SageMaker::Device': {
        const device = fields.fields('Device');
        return [`device ${fields.get('DeviceFleetName')}/${device.get('DeviceName')} is ${device.get('IotThingName')}`];
      }
      default: return [...this.extension?.expected({ type, id, properties, ...rest }) ?? []];
    }
  }

  private isMember(thing: string): boolean {
    return [...this.stack.live.values()].some(
      ({ type, properties }) => type === 'Custom::SageMakerEdge-ThingTypeMembership' && properties.ThingName === thing,
    );
  }

  /** Secrets of certificates that do not hold the certificate and the key that it was made for. */
  private brokenSecrets(): string[] {
    return [...this.stack.live.values()].filter(
      ({ type }) => type === 'Custom::SageMakerEdge-DeviceCertificate',
    ).flatMap(({ properties }) => {
      const fields = new Fields(properties);
      if (fields.get('SecretArn') === '') {
        return [];
      }
      const id = fields.get('CertificateId');
      const { pem, csr = '' } = this.iot.certificates.get(id) ?? {};
      const content = Fields.of(JSON.parse(this.secrets.contents().get(fields.get('SecretArn')) ?? '{}'));
      const whole = content.get('certificateId') === id && content.get('certificatePem') === pem
        && content.get('thingName') === fields.get('ThingName') && isFor(content.get('privateKeyPem'), csr);
      return whole ? [] : [`the secret of certificate ${id} does not hold it and its key`];
    });
  }
}

/** A thing that has a type, as a line. */
function typed(name: string, typeName: string, attributes: string): string {
  return `thing ${name} of ${typeName} with ${attributes}`;
}

/** Is this request for this key? */
function isFor(privateKeyPem: string, csr: string): boolean {
  const key = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });
  return Buffer.from(csr.replace(/-----[^-]+-----/g, ''), 'base64').includes(key);
}
