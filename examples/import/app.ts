/**
 * Devices in somebody else's stack: the role alias, thing type and capture bucket are made elsewhere and known by name.
 *   npx cdk synth -a 'npx tsx examples/import/app.ts'
 */
import { App, aws_iam as iam, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { CaptureBucket, DeviceCertificate, EdgeDevice, RoleAlias, Thing, ThingType } from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'Import', { env: { account: '123456789012', region: 'eu-central-1' } });

const captureBucket = CaptureBucket.fromCaptureBucketAttributes(stack, 'Captures', {
  bucket: s3.Bucket.fromBucketName(stack, 'CapturesBucket', 'plant-captures'),
});
const roleAlias = RoleAlias.fromRoleAliasAttributes(stack, 'RoleAlias', {
  roleAliasName: 'plant-devices', role: iam.Role.fromRoleName(stack, 'Role', 'plant-devices'),
});
const thingType = ThingType.fromThingTypeName(stack, 'ThingType', 'plant-camera');

// A new device of the plant's fleet.
new EdgeDevice(stack, 'Camera9', {
  fleetName: 'plant',
  deviceName: 'plant-camera-9',
  thingType,
  roleAlias,
  captureBucket,
}).addCertificate();

// A certificate for a thing that exists, from a request that the device made: its key never leaves it.
new DeviceCertificate(stack, 'Camera8Certificate', {
  thing: Thing.fromThingName(stack, 'Camera8', 'plant-camera-8'),
  roleAlias,
  certificateSigningRequest: '-----BEGIN CERTIFICATE REQUEST-----\nMIH1...\n-----END CERTIFICATE REQUEST-----\n',
});
