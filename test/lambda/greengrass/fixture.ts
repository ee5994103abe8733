import type { Dependencies, GreengrassCalls, IotCalls, ObjectCalls } from '../../../lambda/greengrass/dependencies';
import { RESOURCES } from '../../../lambda/greengrass/resources';
import type { IsCompleteResult, PollEvent, ResourceEvent, Started } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';
import type { Properties } from '../../../lambda/shared/properties';

type Calls = Partial<GreengrassCalls & IotCalls & ObjectCalls>;
export type Call = readonly [name: string, input: unknown];

beforeAll(() => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

/** An error as the SDKs throw it. */
export function serviceError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}

export const notFound = (): Promise<never> => Promise.reject(serviceError('ResourceNotFoundException'));
export const yes = (): Promise<object> => Promise.resolve({});

/** AWS with just the calls that a case needs: each other one fails. */
export class FakeAws {
  public readonly calls: Call[] = [];
  public time = 1_000_000;

  public constructor(private readonly answers: Calls) {}

  public names(): string[] {
    return this.calls.map(([name]) => name);
  }

  public onEvent(event: ResourceEvent): Promise<Started | IsCompleteResult> {
    return handle(RESOURCES, this.dependencies(), event);
  }

  /** Both phases; polls until something is final. */
  public async run(event: ResourceEvent, { polls = 50, stepMs = 5000 } = {}): Promise<{ started: Started; polls: number }> {
    const started = await this.onEvent(event);
    if (!('PhysicalResourceId' in started)) {
      throw new Error('onEvent answered no id');
    }
    const waiting: PollEvent = { ...event, ...started };
    for (let poll = 1; poll <= polls; poll++) {
      const answer = await handle(RESOURCES, this.dependencies(), waiting);
      if ('IsComplete' in answer && answer.IsComplete) {
        return { started, polls: poll };
      }
      this.time += stepMs;
    }
    throw new Error(`not complete after ${polls} polls`);
  }

  private dependencies(): Dependencies {
    const call = (name: keyof Calls) => async (input: never): Promise<never> => {
      this.calls.push([name, input]);
      const answer = this.answers[name] as ((given: never) => Promise<never>) | undefined;
      if (!answer) {
        throw new Error(`unexpected call ${name}`);
      }
      return answer(input);
    };
    return {
      greengrass: {
        describeComponent: call('describeComponent'),
        deleteComponent: call('deleteComponent'),
        tagResource: call('tagResource'),
        getDeployment: call('getDeployment'),
        createDeployment: call('createDeployment'),
        cancelDeployment: call('cancelDeployment'),
        deleteDeployment: call('deleteDeployment'),
        listDeployments: call('listDeployments'),
        listEffectiveDeployments: call('listEffectiveDeployments'),
        getCoreDevice: call('getCoreDevice'),
        deleteCoreDevice: call('deleteCoreDevice'),
      },
      iot: {
        addThingToThingGroup: call('addThingToThingGroup'), removeThingFromThingGroup: call('removeThingFromThingGroup'),
        listThingGroupsForThing: call('listThingGroupsForThing'), listThingsInThingGroup: call('listThingsInThingGroup'),
      },
      objects: { copyObject: call('copyObject'), deleteObject: call('deleteObject') },
      now: () => this.time,
    };
  }
}

interface EventParts {
  readonly physicalId?: string;
  readonly old?: Properties;
}

export function newEvent(
  type: string, request: ResourceEvent['RequestType'], properties: Properties, { physicalId, old }: EventParts = {},
): ResourceEvent {
  return {
    RequestType: request,
    RequestId: 'request-1',
    StackId: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Stack/1',
    LogicalResourceId: 'Logical',
    ResourceType: type,
    ResourceProperties: { ServiceToken: 'arn', ...properties },
    ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId }),
    ...(old ? { OldResourceProperties: { ServiceToken: 'arn', ...old } } : {}),
  };
}
