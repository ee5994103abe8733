import type { Dependencies } from '../../../lambda/identity/dependencies';
import { RESOURCES } from '../../../lambda/identity/resources';
import type { IsCompleteResult, ResourceEvent, Started } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';
import type { Properties } from '../../../lambda/shared/properties';

type Answer = Started | IsCompleteResult;

beforeAll(() => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

export const THING = 'demo-camera';
export const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:device-AbCdEf';
export const CERTIFICATE_ID = 'c'.repeat(64);
export const CERTIFICATE = `arn:aws:iot:us-east-1:000000000000:cert/${CERTIFICATE_ID}`;
export const CERTIFICATE_PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** An SDK error: handlers may look at its name and message only. */
export function serviceError(name: string, message = 'told to fail'): Error {
  return Object.assign(new Error(message), { name });
}

/** The three ways in which services say that something is not there. */
export const NOT_FOUND = [
  serviceError('ResourceNotFound'),
  serviceError('ResourceNotFoundException'),
  serviceError('ValidationException', 'No thing with name demo-camera'),
];

interface FakeThing { thingTypeName?: string; attributes: Record<string, string>; principals: string[] }

/** IoT and Secrets Manager in memory, with what was asked, and a way to fail. */
export class FakeServices {
  public readonly calls: { operation: string; input: unknown }[] = [];
  public readonly things = new Map<string, FakeThing>();
  public readonly certificates = new Map<string, string>();
  /** Versions by token; an empty secret has none. */
  public readonly versions = new Map<string, string>();
  public secretString: string | undefined;
  /** Thrown once each, before the operation does anything. */
  public readonly failures = new Map<string, Error[]>();
  /** Thrown once each, after the operation was carried out: the answer is lost. */
  public readonly lost = new Map<string, Error[]>();
  public endpointAddress: string | undefined = 'abc.credentials.iot.us-east-1.amazonaws.com';
  public pageSize = 100;

  public readonly dependencies: Dependencies = {
    iot: {
      describeThing: (input) => this.call('describeThing', input, () => this.thing(input.thingName)),
      updateThing: (input) => this.call('updateThing', input, () => {
        const thing = this.thing(input.thingName);
        if (input.attributePayload) {
          thing.attributes = { ...input.attributePayload.attributes };
        }
        if (input.removeThingType && Object.keys(thing.attributes).length > 3) {
          throw serviceError('InvalidRequestException', 'too many attributes');
        }
        thing.thingTypeName = input.removeThingType ? undefined : input.thingTypeName ?? thing.thingTypeName;
        return {};
      }),
      describeCertificate: (input) => this.call('describeCertificate', input, () => {
        const certificatePem = this.certificates.get(input.certificateId ?? '');
        if (certificatePem === undefined) {
          throw serviceError('ResourceNotFoundException');
        }
        return { certificateDescription: { certificatePem } };
      }),
      listThingPrincipals: (input) => this.call('listThingPrincipals', input, () => {
        const start = Number(input.nextToken ?? 0);
        const { principals } = this.thing(input.thingName);
        const end = start + this.pageSize;
        return { principals: principals.slice(start, end), nextToken: end < principals.length ? String(end) : undefined };
      }),
      describeEndpoint: (input) => this.call('describeEndpoint', input, () => ({ endpointAddress: this.endpointAddress })),
    },
    secrets: {
      getSecretValue: (input) => this.call('getSecretValue', input, () => {
        if (this.secretString === undefined) {
          throw serviceError('ResourceNotFoundException', "can't find the specified secret value for staging label: AWSCURRENT");
        }
        return { SecretString: this.secretString };
      }),
      putSecretValue: (input) => this.call('putSecretValue', input, () => {
        const token = input.ClientRequestToken ?? '';
        const known = this.versions.get(token);
        if (known !== undefined && known !== input.SecretString) {
          throw serviceError('ResourceExistsException');
        }
        this.versions.set(token, input.SecretString ?? '');
        this.secretString = input.SecretString;
        return {};
      }),
    },
    now: () => this.time,
  };

  public readonly handler = { handle: (event: unknown): Promise<Answer> => handle(RESOURCES, this.dependencies, event) };
  public time = 1_000_000;

  public constructor() {
    this.things.set(THING, { attributes: {}, principals: [] });
    this.certificates.set(CERTIFICATE_ID, CERTIFICATE_PEM);
  }

  public failOnce(operation: string, error: Error): void {
    this.failures.set(operation, [...this.failures.get(operation) ?? [], error]);
  }

  public loseAnswerOnce(operation: string): void {
    this.lost.set(operation, [...this.lost.get(operation) ?? [], serviceError('TimeoutError')]);
  }

  public operations(): string[] {
    return this.calls.map(({ operation }) => operation);
  }

  public thing(name: string | undefined): FakeThing {
    const thing = this.things.get(name ?? '');
    if (!thing) {
      throw serviceError('ResourceNotFoundException');
    }
    return thing;
  }

  /** The whole event through the handler: onEvent, then isComplete with what it answered. */
  public async run(event: ResourceEvent): Promise<{ started: Answer; completed: Answer }> {
    const started = await this.handler.handle(event);
    return { started, completed: await this.handler.handle({ ...event, ...started }) };
  }

  private call<T>(operation: string, input: unknown, answer: () => T): Promise<T> {
    this.calls.push({ operation, input });
    const failure = this.failures.get(operation)?.shift();
    if (failure) {
      return Promise.reject(failure);
    }
    try {
      const result = answer();
      const lost = this.lost.get(operation)?.shift();
      return lost ? Promise.reject(lost) : Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error('not an error'));
    }
  }
}

type Kind = 'ThingTypeMembership' | 'DeviceKey' | 'DeviceCertificate' | 'CredentialEndpoint';

/** A whole event. */
export function newEvent(
  kind: Kind, requestType: ResourceEvent['RequestType'], properties: Properties, old?: Properties, id = `${kind} 1`,
): ResourceEvent {
  return {
    RequestType: requestType,
    RequestId: 'request-1',
    StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Demo/5f2c',
    ResourceType: `Custom::SageMakerEdge-${kind}`,
    LogicalResourceId: kind,
    ...requestType === 'Create' ? {} : { PhysicalResourceId: id },
    ResourceProperties: { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:onEvent', ServiceTimeout: '1200', ...properties },
    ...old ? { OldResourceProperties: old } : {},
  };
}
