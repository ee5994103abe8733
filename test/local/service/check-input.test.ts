import { checkedCalls, checkInput } from '../../../local/service/check-input';
import { ServiceError } from '../../../local/service/errors';

test('an input of the SDK that follows the model passes', () => {
  expect(() => { checkInput('GreengrassV2', 'CreateComponentVersion', { inlineRecipe: Buffer.from('{}'), tags: undefined }); }).not.toThrow();
  expect(() => { checkInput('IoT', 'UpdateThing', { thingName: 'camera', attributePayload: { attributes: { a: '1' } } }); }).not.toThrow();
});

test.each([
  ['a constraint of the model', 'IoT', 'UpdateThing', { thingName: 'a b' }, 'InvalidRequestException', /at 'thingName' failed to satisfy constraint/],
  ['a stricter rule of the overlay', 'SageMaker', 'ListDevices', { MaxResults: 0 }, 'ValidationException', /greater than or equal to 1/],
  ['the list of members', 'GreengrassV2', 'GetDeployment', { deploymentId: 'd', id: 'd' }, 'ValidationException', /Unknown member 'id'/],
] as const)('an input that breaks %s gets the service\'s own error', (_, service, operation, input, name, message) => {
  const refused = (): void => { checkInput(service, operation, input); };
  expect(refused).toThrow(ServiceError);
  expect(refused).toThrow(message);
  expect(refused).toThrow(expect.objectContaining({ name }) as Error);
});

test('an operation that is not in the models is named', () => {
  expect(() => { checkInput('IoT', 'CreateThings', {}); }).toThrow('the model of IoT in local/service/models has no CreateThings: name it in scripts/service-models.ts');
});

describe('the calls of a fake', () => {
  const calls = checkedCalls('IoT', { prefix: 'thing', describeThing: ({ thingName }: { thingName: string }) => `${thingName} described` });

  test('are carried out when their input follows the model', () => {
    expect(calls.describeThing({ thingName: 'camera' })).toBe('camera described');
    expect(calls.prefix).toBe('thing');
  });

  test('are refused when it does not', () => {
    expect(() => calls.describeThing({ thingName: '' })).toThrow(/at 'thingName' failed to satisfy constraint: Member must have length greater than or equal to 1/);
  });
});
