import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import {
  CompilationJob, DeviceFleet, EdgeDevice, GreengrassComponent, GreengrassFleet, ModelComponent, OnnxModel, PackagingJob,
  RoleAlias, Thing, ThingType,
} from '../../../lib';
import { childOf, ValidationError } from '../../../lib/private/validation';
import { DeviceStack } from '../device/device-stack';

const stack = new DeviceStack();
const roleAlias = RoleAlias.fromRoleAliasName(stack, 'Known', 'known');
const modelArtifactBucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'models');
const model = OnnxModel.fromOnnxModelAttributes(stack, 'Model', {
  modelName: 'reader',
  modelVersion: '1.0',
  modelArtifactBucket,
  modelArtifactKey: 'k',
  modelArtifactDigest: 'a'.repeat(64),
});

test.each<[string, (id: string) => unknown]>([
  ['Thing.fromThingName', (id) => Thing.fromThingName(stack, id, 'a b')],
  ['ThingType.fromThingTypeName', (id) => ThingType.fromThingTypeName(stack, id, 'a b')],
  ['RoleAlias.fromRoleAliasName', (id) => RoleAlias.fromRoleAliasName(stack, id, 'a b')],
  ['EdgeDevice', (id) => new EdgeDevice(stack, id, { fleetName: 'a b', roleAlias })],
  [
    'EdgeDevice.fromEdgeDeviceAttributes',
    (id) => EdgeDevice.fromEdgeDeviceAttributes(stack, id, {
      thing: Thing.fromThingName(stack, `${id}Thing`, 'a'),
      fleetName: 'a b',
      roleAlias,
    }),
  ],
  [
    'CompilationJob.fromCompilationJobAttributes',
    (id) => CompilationJob.fromCompilationJobAttributes(stack, id, {
      compilationJobName: 'a b',
      modelArtifactUri: 's3://b/k',
      modelArtifactBucket,
    }),
  ],
  [
    'PackagingJob.fromPackagingJobAttributes',
    (id) => PackagingJob.fromPackagingJobAttributes(stack, id, {
      modelName: 'a b',
      modelVersion: '1',
      modelArtifactBucket,
      modelArtifactUri: 's3://b/k',
    }),
  ],
  [
    'DeviceFleet.fromDeviceFleetAttributes',
    (id) => DeviceFleet.fromDeviceFleetAttributes(stack, id, { deviceFleetName: 'a b', roleAlias }),
  ],
  ['GreengrassFleet.fromGreengrassFleetAttributes', (id) => GreengrassFleet.fromGreengrassFleetAttributes(stack, id, { fleetName: 'a b' })],
  ['GreengrassComponent.fromComponentVersion', (id) => GreengrassComponent.fromComponentVersion(stack, id, 'a.b', '1')],
  ['ModelComponent', (id) => new ModelComponent(stack, id, { model, componentName: 'a b' })],
])('%s names the construct that is wrong, not its stack', (name, make) => {
  expect(() => make(`Wrong-${name}`)).toThrow(new RegExp(`^Demo/Wrong-${name}: `));
});

test('a construct of the app itself has a path without a slash in front', () => {
  expect(new ValidationError(childOf(new App(), 'First'), 'wrong').message).toBe('First: wrong');
  expect(new ValidationError(childOf(new Stack(new App(), 'S'), 'C'), 'wrong').message).toBe('S/C: wrong');
});
