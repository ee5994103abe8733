import { App, aws_s3 as s3, Duration, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  DeploymentFailurePolicy, DeploymentFailureType, DeploymentRollout, FleetDeployment, GreengrassComponent, GreengrassFleet, RateIncrease,
  type FleetDeploymentProps, type IGreengrassComponent,
} from '../../../lib';
import { newStack } from './fixture';

let stack: Stack;
let fleet: GreengrassFleet;
beforeEach(() => {
  stack = newStack();
  fleet = new GreengrassFleet(stack, 'Fleet');
});

function component(id: string, componentVersion = '1.0.0', dependencies: IGreengrassComponent[] = []): GreengrassComponent {
  return new GreengrassComponent(stack, id, {
    componentVersion,
    artifactBucket: s3.Bucket.fromBucketName(stack, `${id}Bucket`, 'artifacts'),
    manifests: [{ lifecycle: { run: { script: 'true' } } }],
    dependencies: dependencies.map((dependency) => ({ component: dependency })),
  });
}
const deployment = (props: Partial<FleetDeploymentProps> = {}): FleetDeployment =>
  new FleetDeployment(stack, 'Deployment', { fleet, components: props.components ?? [component('App')], ...props });
const properties = (): Record<string, unknown> => {
  const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::GreengrassV2::Deployment')) as {
    Properties: Record<string, unknown>;
  }[];
  return resource?.Properties ?? {};
};

describe('a fleet deployment', () => {
  test('goes to the thing group, with each component in exactly its version and its configuration reset', () => {
    deployment();
    expect(properties()).toEqual({
      TargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^GreengrassFleetStackFleet/) as string, 'Arn'] },
      Components: { 'Stack.App': { ComponentVersion: '1.0.0', ConfigurationUpdate: { Reset: [''] } } },
      DeploymentPolicies: { FailureHandlingPolicy: 'ROLLBACK' },
      Tags: { 'cdk-sagemaker-edge:revision': expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    });
  });

  test('tells of its content before it is made, in whatever it changes', () => {
    deployment();
    const template = Template.fromStack(stack);
    const [id, revision] =
      Object.entries(template.findResources('Custom::SageMakerEdge-FleetRevision')).map(
        ([logicalId, { Properties }]): [string, { Revision: string }] => [logicalId, Properties as { Revision: string }],
      )[0] ?? [];
    expect(properties().Tags).toEqual({ 'cdk-sagemaker-edge:revision': revision?.Revision });
    template.hasResource('AWS::GreengrassV2::Deployment', { DependsOn: Match.arrayWith([id]) });
    const of = (props: Partial<FleetDeploymentProps>, version = '1.0.0'): unknown => {
      stack = newStack();
      fleet = new GreengrassFleet(stack, 'Fleet');
      deployment({ components: [component('App', version)], ...props });
      return properties().Tags;
    };
    expect(of({})).toEqual(of({ waitForDevices: Duration.minutes(1) }));
    expect(
      new Set(
        [
          of({}),
          of({}, '1.0.1'),
          of({ deploymentName: 'x' }),
          of({ failurePolicy: DeploymentFailurePolicy.DO_NOTHING }),
          of({ rollout: DeploymentRollout.linear(5) }),
        ].map((tags) => JSON.stringify(tags)),
      ).size,
    ).toBe(5);
  });

  test('deploys and pins what a component needs', () => {
    deployment({ components: [component('App', '2.0.0', [component('Base', '1.5.0', [component('Deep', '1.1.0')])])] });
    expect(properties().Components).toMatchObject({
      'Stack.App': { ComponentVersion: '2.0.0' },
      'Stack.Base': { ComponentVersion: '1.5.0' },
      'Stack.Deep': { ComponentVersion: '1.1.0' },
    });
  });

  test.each([
    [{ port: 80, deep: { rate: 1.5, on: true } }], [{ deep: { on: true, rate: 1.5 }, port: 80 }],
  ])('merges configuration, with numbers as text and the same in whatever order its keys come: %j', (configuration) => {
    deployment({ components: [] }).addComponent(component('App'), { configuration, resetConfiguration: ['/old'] });
    expect(properties().Components).toEqual({
      'Stack.App': {
        ComponentVersion: '1.0.0',
        ConfigurationUpdate: { Reset: ['/old'], Merge: '{"deep":{"on":true,"rate":"1.5"},"port":"80"}' },
      },
    });
  });

  test('leaves the configuration of AWS\'s components alone, which is the device\'s own', () => {
    deployment({ components: [GreengrassComponent.fromComponentVersion(stack, 'Nucleus', 'aws.greengrass.Nucleus', '2.18.2')] });
    expect(properties().Components).toEqual({ 'aws.greengrass.Nucleus': { ComponentVersion: '2.18.2' } });
  });

  test('limits what a component may use', () => {
    deployment({ components: [] }).addComponent(component('App'), { runAs: 'user:group', memoryLimit: Size.mebibytes(64), cpuLimit: 1.5 });
    expect(properties().Components).toMatchObject({
      'Stack.App': { RunWith: { PosixUser: 'user:group', SystemResourceLimits: { Memory: 65_536, Cpus: 1.5 } } },
    });
  });

  test('has the casing that CloudFormation wants', () => {
    deployment({
      deploymentName: 'x',
      failurePolicy: DeploymentFailurePolicy.DO_NOTHING,
      updateTimeout: Duration.minutes(2),
      deviceTimeout: Duration.hours(1),
      rollout: DeploymentRollout.exponential({
        baseRatePerMinute: 5,
        incrementFactor: 1.5,
        increase: RateIncrease.afterSucceeded(10),
        maximumPerMinute: 50,
      }),
      abort: [
        { thresholdPercentage: 12.5, minimumDevices: 3, failureType: DeploymentFailureType.FAILED },
        { thresholdPercentage: 50, minimumDevices: 1 },
      ],
    });
    expect(properties()).toMatchObject({
      DeploymentName: 'x',
      DeploymentPolicies: {
        FailureHandlingPolicy: 'DO_NOTHING',
        ComponentUpdatePolicy: { Action: 'NOTIFY_COMPONENTS', TimeoutInSeconds: 120 },
      },
      IotJobConfiguration: {
        JobExecutionsRolloutConfig: {
          MaximumPerMinute: 50,
          ExponentialRate: { BaseRatePerMinute: 5, IncrementFactor: 1.5, RateIncreaseCriteria: { NumberOfSucceededThings: 10 } },
        },
        AbortConfig: {
          CriteriaList: [
            { Action: 'CANCEL', FailureType: 'FAILED', MinNumberOfExecutedThings: 3, ThresholdPercentage: 12.5 },
            { FailureType: 'ALL' },
          ],
        },
        TimeoutConfig: { InProgressTimeoutInMinutes: 60 },
      },
    });
  });

  test('is made after components, devices and rights, and the wait after it', () => {
    fleet.addDevice('Camera');
    deployment();
    const template = Template.fromStack(stack);
    template.hasResource('AWS::GreengrassV2::Deployment', {
      DependsOn: Match.arrayWith(
        [
          Match.stringLikeRegexp('^App'),
          Match.stringLikeRegexp('^Membership'),
          Match.stringLikeRegexp('^GreengrassFleetRolePolicy'),
        ],
      ),
    });
    template.hasResourceProperties('Custom::SageMakerEdge-FleetRollout', {
      DeploymentId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Deployment'), 'DeploymentId'] },
    });
  });

  test('lets the devices read the artifacts of all its components', () => {
    deployment({ components: [component('App', '1.0.0', [component('Base')])] });
    const readable = (name: string): unknown =>
      Match.objectLike({
        Action: 's3:GetObject',
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::artifacts/${name}/*`]] },
      });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^GreengrassFleetRole') }],
      PolicyDocument: { Statement: Match.arrayWith([readable('Stack.App'), readable('Stack.Base')]) },
    });
  });

  test('neither waits nor uninstalls by default', () => {
    deployment();
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-FleetRollout', { WaitSeconds: '0', UninstallSeconds: '0' });
  });

  test('waits and uninstalls where that is asked for', () => {
    deployment({ waitForDevices: Duration.minutes(20), uninstallOnDestroy: true, uninstallTimeout: Duration.minutes(3) });
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-FleetRollout', { WaitSeconds: '1200', UninstallSeconds: '180' });
  });

  test('waits for the given things alone', () => {
    const [on] = [fleet.addDevice('On'), fleet.addDevice('Off')];
    deployment({ waitForDevices: Duration.minutes(20), waitForThings: [on.thing] });
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-FleetRollout', {
      ThingNames: [{ Ref: Match.stringLikeRegexp('^ThingStackFleetOn') }],
    });
  });

  test('waits for all that are in the group where no things are given', () => {
    deployment({ waitForDevices: Duration.minutes(20) });
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-FleetRollout', { ThingNames: Match.absent() });
  });

  test('an uninstallation has ten minutes by default', () => {
    deployment({ uninstallOnDestroy: true });
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-FleetRollout', { UninstallSeconds: '600' });
  });

  test('goes to an imported fleet, whose role it lets read where it is known', () => {
    const imported = GreengrassFleet.fromGreengrassFleetAttributes(stack, 'Imported', { fleetName: 'elsewhere' });
    deployment({ fleet: imported });
    expect(JSON.stringify(properties().TargetArn)).toContain('thinggroup/elsewhere');
  });

  test('an import has its id', () => {
    const imported = FleetDeployment.fromDeploymentId(stack, 'Import', 'abc');
    expect([imported.deploymentId, imported.deploymentRef]).toEqual(['abc', { deploymentId: 'abc' }]);
  });

  test('at most ten are deleted at once', () => {
    const deployments = Array.from(
      { length: 12 },
      (_, index) =>
        new FleetDeployment(stack, `D${index}`, { fleet: new GreengrassFleet(stack, `F${index}`), components: [component(`C${index}`)] }),
    );
    expect(deployments).toHaveLength(12);
    const found = Template.fromStack(stack).findResources('AWS::GreengrassV2::Deployment') as Record<string, { DependsOn?: string[] }>;
    const waits = Object.entries(found).map(([id, { DependsOn = [] }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      DependsOn.filter((other) => other in found).map((other) => other.replace(/[0-9A-F]{8}$/, '')),
    ]);
    expect(waits.filter(([, others]) => others?.length !== 0)).toEqual([['D10', ['D0']], ['D11', ['D1']]]);
  });

  test.each<[string, () => void, RegExp]>([
    ['there is nothing to deploy', () => {
      deployment({ components: [] });
      Template.fromStack(stack);
    }, /a deployment must have at least one component, got none/],
    ['a component is wanted in two versions', () => {
      deployment({
        components: [
          component('App', '1.0.0', [component('Base')]),
          GreengrassComponent.fromComponentVersion(stack, 'Other', 'Stack.Base', '2.0.0'),
        ],
      });
    }, /one version of Stack\.Base, got 1\.0\.0 and 2\.0\.0: devices could satisfy only one/],
    ['options are given twice', () => {
      const app = component('App');
      const made = deployment({ components: [] });
      made.addComponent(app, { runAs: 'a' });
      made.addComponent(app, { runAs: 'b' });
    }, /Stack\.App must be added once with options, got it twice/],
    ['a user is none', () => {
      deployment({ components: [] }).addComponent(component('App'), { runAs: 'a b' });
    }, /runAs must be a user or user:group, got 'a b'/],
    ['the wait is longer than CloudFormation\'s', () => {
      deployment({ waitForDevices: Duration.hours(1) });
    }, /waitForDevices in seconds must be a whole number from 1 to 3300, got 3600/],
    ['nothing is waited for', () => {
      deployment({ waitForDevices: Duration.minutes(1), waitForThings: [] });
    }, /waitForThings must name at least one thing, got none/],
    ['things have no time', () => {
      deployment({ waitForThings: [fleet.addDevice('On').thing] });
    }, /waitForDevices must say how long waitForThings are waited for, got nothing/],
    ['the uninstallation has no time', () => {
      deployment({ uninstallTimeout: Duration.seconds(0) });
    }, /uninstallTimeout in seconds must be a whole number from 1/],
    ['a device has less than a minute', () => {
      deployment({ deviceTimeout: Duration.seconds(30) });
    }, /deviceTimeout in minutes must be a whole number from 1 to 10080, got 0\.5/],
    ['the name is empty', () => {
      deployment({ deploymentName: '' });
    }, /deploymentName must have 1 to 256 characters/],
    ['a fleet has another deployment', () => {
      deployment();
      new FleetDeployment(stack, 'Second', { fleet, components: [component('B')] });
    }, /Second: a thing group must have one deployment, since a second one replaces it, got another one: Stack\/Deployment/],
  ])('fails when %s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  test('fails when a fleet of the same name has one in another stack of the app', () => {
    const app = new App();
    const env = { account: '111111111111', region: 'eu-west-1' };
    const deploy = (name: string, environment = env): void => {
      stack = new Stack(app, name, { env: environment });
      new FleetDeployment(stack, 'Deployment', {
        fleet: GreengrassFleet.fromGreengrassFleetAttributes(stack, 'Fleet', { fleetName: 'shared' }),
        components: [GreengrassComponent.fromComponentVersion(stack, 'X', 'x', '1.0.0')],
      });
    };
    deploy('One');
    expect(() => {
      deploy('Two');
    }).toThrow(/got another one: One\/Deployment/);
    expect(() => {
      deploy('Three', { ...env, region: 'eu-west-2' });
    }).not.toThrow();
  });
});
