import { isAccessDenied, isNotFound, isRoleNotReady, isTransient } from '../../../lambda/shared/errors';
import { ServiceFault } from '../jobs/fake-service';

const validation = (message: string) => new ServiceFault('ValidationException', message);

test.each([
  'No devicefleet with name x', 'DeviceFleet with name x does not exist', 'No device fleet with name x',
  'No device with name x', 'Device with name x is gone',
])('a device that is not there is "not found": %s', (message) => {
  expect(isNotFound(validation(message))).toBe(true);
});

test.each([
  validation("1 validation error detected: Value '' failed to satisfy constraint"),
  new ServiceFault('AccessDeniedException', 'not found'),
  'not found',
  undefined,
])('%p is not "not found"', (error) => {
  expect(isNotFound(error)).toBe(false);
});

test.each([
  new ServiceFault('ThrottlingException', 'Rate exceeded'),
  new ServiceFault('Anything', 'x', 429),
  new ServiceFault('InternalFailure', 'x', 500),
  Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), Object.assign(new Error('late'), { name: 'TimeoutError' }),
])('%p may pass', (error) => {
  expect(isTransient(error)).toBe(true);
});

test.each([
  validation('x'), new ServiceFault('ResourceNotFound', 'x'), new TypeError('x'), 'throttled',
])('%p does not pass by itself', (error) => {
  expect(isTransient(error)).toBe(false);
});

test.each([
  'Could not assume role arn:aws:iam::1:role/x. '
  + 'Please ensure that the role exists and allows principal sagemaker.amazonaws.com to assume the role.',
  'The role arn:aws:iam::1:role/x is invalid or cannot be assumed', 'Role arn:aws:iam::1:role/x does not exist',
])('a role that is too new: %s', (message) => {
  expect(isRoleNotReady(validation(message))).toBe(true);
});

test.each([
  "Value 'x' at 'roleArn' failed to satisfy constraint: role is not valid",
  'Unsupported framework version field for target ml_inf1',
  'S3 object does not exist',
])('a fault that never heals: %s', (message) => {
  expect(isRoleNotReady(validation(message))).toBe(false);
});

test('refusals of IAM are known by their name', () => {
  expect(isAccessDenied(new ServiceFault('AccessDeniedException', 'x'))).toBe(true);
  expect(isAccessDenied(validation('AccessDenied'))).toBe(false);
});
