import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deviceName, entityName, generatedName, shortHash } from '../../../lib/private/naming';

test('a name is its parts with hyphens between', () => {
  expect(entityName(['shop', 'Camera1'])).toBe('shop-Camera1');
});

test('what a name may not hold becomes a hyphen, and a hash tells it from a name that has the hyphen itself', () => {
  const name = entityName(['shop', 'camera_1']);
  expect(name).toMatch(/^shop-camera-1-[0-9a-f]{8}$/);
  expect(name).not.toBe(entityName(['shop', 'camera.1']));
});

test('a name is cut to its length, with a hash of what was cut', () => {
  const names = ['a', 'b'].map((end) => entityName(['x'.repeat(70), end]));
  expect(names[0]).toMatch(/^x{54}-[0-9a-f]{8}$/);
  expect(names[0]).not.toBe(names[1]);
});

test('no end of a name is a hyphen', () => {
  expect(entityName(['-shop', 'camera-'])).toMatch(/^shop-camera-[0-9a-f]{8}$/);
});

test('a generated name begins with the stack\'s name and follows the path', () => {
  const stack = new Stack(new App(), 'Stack', { stackName: 'Prod-Edge' });
  expect(generatedName(new Construct(stack, 'Shop'), 'Fleet')).toBe('Prod-Edge-Shop-Fleet');
});

test('a generated name in a nested stack holds no token', () => {
  const nested = new NestedStack(new Stack(new App(), 'Stack'), 'Nested');
  expect(generatedName(nested, 'Fleet')).toBe('Nested-Fleet');
});

test('a device without a fleet name that is known is named after its path', () => {
  const stack = new Stack(new App(), 'Stack');
  expect(deviceName(stack, undefined, 'Camera')).toBe('Stack-Camera');
  expect(deviceName(stack, stack.account, 'Camera')).toBe('Stack-Camera');
  expect(deviceName(stack, 'shop', 'Camera')).toBe('shop-Camera');
});

test('a hash is as long as asked', () => {
  expect(shortHash('x')).toMatch(/^[0-9a-f]{8}$/);
  expect(shortHash('x', 16)).toMatch(/^[0-9a-f]{16}$/);
});
