import { ServiceError } from '../../../local/service/errors';
import { MODELS, type ServiceId } from '../../../local/service/model';
import { failure, success, type Answer, type Call } from '../../../local/service/wire';

function called(service: ServiceId, operation: string): Call {
  return { model: MODELS[service], operation, input: {}, isJson: true };
}

function parsed({ body }: Answer): unknown {
  return JSON.parse(body.toString());
}

test.each<[ServiceId, string, number]>([
  ['GreengrassV2', 'CreateComponentVersion', 201],
  ['GreengrassV2', 'CreateDeployment', 201],
  ['GreengrassV2', 'GetDeployment', 200],
  ['IoT', 'CreateRoleAlias', 200],
  ['SageMaker', 'CreateCompilationJob', 200],
])('a success of %s %s has the status of its model: %i', (service, operation, status) => {
  const answer = success(called(service, operation), { arn: 'a' });
  expect([answer.status, parsed(answer)]).toEqual([status, { arn: 'a' }]);
});

test.each(['DeleteComponent', 'DeleteDeployment', 'DeleteCoreDevice'])('a success of %s is 204 without content, and has no header about one', (operation) => {
  const { status, headers, body } = success(called('GreengrassV2', operation), {});
  expect([status, body.length, Object.keys(headers)]).toEqual([204, 0, ['x-amzn-RequestId']]);
});

const gone = new ServiceError('ResourceNotFoundException', 'gone', 404, { resourceId: 'x' });

test.each<ServiceId>(['GreengrassV2', 'IoT', 'Sagemaker Edge'])('%s, a REST service, names an error in the header alone', (service) => {
  const answer = failure(MODELS[service], gone);
  expect(answer).toMatchObject({ status: 404, headers: { 'x-amzn-ErrorType': 'ResourceNotFoundException' } });
  expect(parsed(answer)).toEqual({ message: 'gone', resourceId: 'x' });
});

test('SageMaker names an error in the body too', () => {
  const answer = failure(MODELS.SageMaker, gone);
  expect(answer).toMatchObject({ status: 404, headers: { 'x-amzn-ErrorType': 'ResourceNotFoundException' } });
  expect(parsed(answer)).toEqual({ __type: 'ResourceNotFoundException', message: 'gone', resourceId: 'x' });
});
