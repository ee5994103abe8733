import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CompilationJob, CompilationTarget, DeviceFleet, Framework, GreengrassComponent, ModelSource, TargetArch, TargetOs, Thing, ThingType,
} from '../../../lib';

let stack: Stack;
beforeEach(() => { stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } }); });
const synth = (): Template => Template.fromStack(stack);

function jobs(count: number): void {
  const bucket = s3.Bucket.fromBucketName(stack, 'Models', 'models');
  for (let number = 0; number < count; number += 1) {
    new CompilationJob(stack, `Job${number}`, {
      model: ModelSource.fromBucket(bucket, 'a.tar.gz'), framework: Framework.xgboost(), target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
    });
  }
}

function things(count: number): void {
  const thingType = new ThingType(stack, 'Type');
  for (let number = 0; number < count; number += 1) { new Thing(stack, `Thing${number}`, { thingName: `camera-${number}`, thingType }); }
}

function components(count: number): void {
  const artifactBucket = s3.Bucket.fromBucketName(stack, 'Artifacts', 'artifacts');
  for (let number = 0; number < count; number += 1) {
    new GreengrassComponent(stack, `Component${number}`, { artifactBucket, manifests: [{ lifecycle: { run: { script: 'true' } } }] });
  }
}

const LIMIT = /must have at most 10240 characters together, which is IAM's limit, got at least \d{5}: .*another stack/;

test.each<[string, (count: number) => void, number, number, string]>([
  ['jobs', jobs, 15, 40, 'JobProvider/Role'],
  ['things with names of their own', things, 40, 100, 'IdentityProvider/Role'],
  ['components', components, 12, 60, 'GreengrassProvider/Role'],
])('fails when a stack has more %s than the rights of their handler\'s role can hold', (_, make, few, many, path) => {
  make(few);
  expect(synth).not.toThrow();
  stack = new Stack(new App(), 'Other', { env: { account: '111122223333', region: 'eu-west-1' } });
  make(many);
  expect(synth).toThrow(LIMIT);
  expect(synth).toThrow(`Other/cdk-sagemaker-edge.${path}]`);
});

test('a fleet of 100 devices is within it, since their names begin with the fleet\'s', () => {
  const fleet = new DeviceFleet(stack, 'Fleet', { deviceFleetName: 'fleet' });
  for (let number = 0; number < 100; number += 1) { fleet.addDevice(`Camera${number}`); }
  expect(synth).not.toThrow();
});
