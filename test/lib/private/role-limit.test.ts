import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  CompilationJob, CompilationTarget, DeviceFleet, DeviceRole, EdgeDevice, FleetDeployment, Framework, GreengrassComponent, GreengrassFleet,
  ModelSource, RoleAlias, TargetArch, TargetOs, Thing, ThingType,
} from '../../../lib';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
});
const synth = (): Template => Template.fromStack(stack);

function jobs(count: number): void {
  const bucket = s3.Bucket.fromBucketName(stack, 'Models', 'models');
  for (let number = 0; number < count; number += 1) {
    new CompilationJob(stack, `Job${number}`, {
      model: ModelSource.fromBucket(bucket, 'a.tar.gz'),
      framework: Framework.xgboost(),
      target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
    });
  }
}

function things(count: number): void {
  const thingType = new ThingType(stack, 'Type');
  for (let number = 0; number < count; number += 1) {
    new Thing(stack, `Thing${number}`, { thingName: `camera-${number}`, thingType });
  }
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
  for (let number = 0; number < 100; number += 1) {
    fleet.addDevice(`Camera${number}`);
  }
  expect(synth).not.toThrow();
});

test('50 devices without a fleet construct are within it, since their names begin with the fleet\'s', () => {
  const thingType = new ThingType(stack, 'Type');
  const roleAlias = new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role') });
  for (let number = 0; number < 50; number += 1) {
    new EdgeDevice(stack, `Camera${number}`, { fleetName: 'fleet', roleAlias, thingType }).addCertificate();
  }
  const policies = Object.values(synth().findResources('AWS::IAM::Policy')).filter((policy) => JSON.stringify(policy).includes('iot:UpdateThing'));
  expect(policies).toHaveLength(1);
  expect(JSON.stringify(policies)).toContain(':thing/fleet-*');
});

test('a deployment adds to it the rights on its own thing group alone: the others are there once', () => {
  for (let number = 0; number < 20; number += 1) {
    const fleet = GreengrassFleet.fromGreengrassFleetAttributes(stack, `Fleet${number}`, { fleetName: `fleet-${number}` });
    new FleetDeployment(stack, `Deployment${number}`, {
      fleet,
      components: [GreengrassComponent.fromComponentVersion(stack, `Cli${number}`, 'aws.greengrass.Cli', '2.18.0')],
    });
  }
  const policies = Object.entries(synth().findResources('AWS::IAM::Policy')).filter(
    ([, policy]) => JSON.stringify(policy).includes('greengrass:ListDeployments'),
  );
  expect(policies.map(([id]) => id)).toEqual([expect.stringMatching(/^cdksagemakeredgeGreengrassProviderRolloutRights/)]);
  synth().allResources('Custom::SageMakerEdge-FleetRollout', { DependsOn: Match.arrayWith([policies[0]?.[0]]) });
});
