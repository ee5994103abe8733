import { execFileSync } from 'node:child_process';
import { aws_ec2 as ec2, Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EdgeDevice, GreengrassFleet, NucleusArchive, SimulatedCoreDevice, type SimulatedCoreDeviceProps } from '../../../lib';
import { newStack } from '../greengrass/fixture';

let stack: Stack;
let fleet: GreengrassFleet;
beforeEach(() => {
  stack = newStack();
  fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'demo' });
});

const device = (props: Partial<SimulatedCoreDeviceProps> = {}): SimulatedCoreDevice =>
  new SimulatedCoreDevice(stack, 'Machine', { device: props.device ?? fleet.addDevice('Camera'), ...props });

/** The script, with names for what is known at deployment. */
function script(): string {
  const [instance] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::Instance')) as {
    Properties: { UserData: { 'Fn::Base64': { 'Fn::Join': [string, unknown[]] } } };
  }[];
  return (instance?.Properties.UserData['Fn::Base64']['Fn::Join'][1] ?? [])
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part).replace(/[^a-zA-Z0-9]+/g, '-')))
    .join('');
}

describe('a simulated core device', () => {
  test('is a hardened machine with HTTPS out and nothing in', () => {
    device();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::Instance', {
      InstanceType: 't3.small',
      BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ Encrypted: true, VolumeSize: 10 }) })],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [Match.objectLike({ FromPort: 443, ToPort: 443 })],
      SecurityGroupIngress: Match.absent(),
    });
  });

  test('is told who it is, and installs the nucleus as a service', () => {
    device();
    const text = script();
    const environment = [
      'CORE_THING_NAME=-Ref-ThingdemoCamera.*', 'CORE_SECRET_ARN=.*', 'CORE_CERTIFICATE_ID=.*', 'CORE_ROLE_ALIAS=-Ref-GreengrassFleetRoleAliasdemo.*',
      'CORE_CREDENTIAL_ENDPOINT=.*', 'CORE_DATA_ENDPOINT=.*', String.raw`CORE_NUCLEUS_VERSION=2\.18\.2`,
      String.raw`CORE_NUCLEUS_URI=https://d2s8p88vqu9w66\.cloudfront\.net/releases/greengrass-2\.18\.2\.zip`, 'CORE_NUCLEUS_SHA256=',
    ];
    expect(text).toMatch(new RegExp(`${environment.join('\n')}\n`));
    expect(text).toContain('--component-default-user ggc_user:ggc_group --setup-system-service true');
    expect(text).not.toContain('PRIVATE KEY');
  });

  test('its script is one that bash understands', () => {
    device();
    expect(() => execFileSync('bash', ['-n'], { input: script() })).not.toThrow();
  });

  test('the archive is verified by its signature, or by a digest that is given, before any of it runs', () => {
    device({ nucleus: NucleusArchive.fromUri('2.17.0', 'https://mirror.example/nucleus.zip', 'a'.repeat(64)) });
    const text = script();
    expect(text).toContain(`CORE_NUCLEUS_URI=https://mirror.example/nucleus.zip\nCORE_NUCLEUS_SHA256=${'a'.repeat(64)}\n`);
    expect(text.indexOf('sha256sum --check')).toBeLessThan(text.indexOf('java -Droot'));
    expect(text.indexOf('jarsigner -verify -strict')).toBeLessThan(text.indexOf('unzip -q nucleus.zip'));
  });

  test('its role may read the one secret and be managed, and is there before the machine', () => {
    device();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^MachineRole') }],
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: Match.anyValue() }] },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      Policies: [
        Match.objectLike({ PolicyName: 'Management' }),
        {
          PolicyName: 'Report',
          PolicyDocument: Match.objectLike({
            Statement: [
              {
                Effect: 'Allow',
                Action: 's3:PutObject',
                Resource: {
                  'Fn::Join': ['', [Match.anyValue(), '/reports/', { Ref: Match.stringLikeRegexp('^ThingdemoCamera') }, '/*/report.json']],
                },
              },
            ],
          }),
        },
      ],
    });
    template.hasResource('AWS::EC2::Instance', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^MachineRoleDefaultPolicy')]) });
  });

  test('the stack waits for what this very machine says of its setup', () => {
    device();
    const [id = ''] = Object.keys(Template.fromStack(stack).findResources('AWS::EC2::Instance'));
    Template.fromStack(stack).hasResource('Custom::SageMakerEdge-DeviceManifest', {
      Properties: Match.objectLike({
        TimeoutSeconds: '900',
        ReportKey: { 'Fn::Join': ['', ['reports/', Match.anyValue(), '/', { Ref: id }, '/report.json']] },
        Manifest: {
          'Fn::Join': [
            '',
            ['{"format":"cdk-sagemaker-edge/core-device-1","instanceId":"', { Ref: id }, '","thingName":"', Match.anyValue(), '"}'],
          ],
        },
      }),
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('DeviceProvider')]),
    });
    expect(script()).toMatch(/CORE_REPORT_KEY=reports\/-Ref-ThingdemoCamera.*\/\$instance\/report\.json\n/);
  });

  test('the stack waits as long as is given', () => {
    device({ readyTimeout: Duration.minutes(5) });
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-DeviceManifest', { TimeoutSeconds: '300' });
  });

  test.each([[Duration.seconds(59)], [Duration.minutes(56)]])('fails when the stack would wait for %p', (readyTimeout) => {
    expect(() => device({ readyTimeout })).toThrow(/readyTimeout in seconds must be a whole number from 60/);
  });

  test("is made after the device's membership and policy, and deleted before them: a running nucleus would make itself known again", () => {
    device();
    Template.fromStack(stack).hasResource('AWS::EC2::Instance', {
      DependsOn: Match.arrayWith([
        Match.stringLikeRegexp('^CorePolicydemo'),
        Match.stringLikeRegexp('^CorePolicyAttachmentdemo'),
        Match.stringLikeRegexp('^Membershipdemo'),
      ]),
    });
  });

  test('knows the memberships that are made after it too', () => {
    const camera = new EdgeDevice(stack, 'Camera', { fleetName: 'demo', roleAlias: fleet.roleAlias });
    camera.addCertificate();
    device({ device: camera });
    fleet.addMember(camera);
    Template.fromStack(stack).hasResource('AWS::EC2::Instance', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^Membershipdemo')]),
    });
  });

  test('another user data is another machine', () => {
    device();
    const before = Object.keys(Template.fromStack(stack).findResources('AWS::EC2::Instance'));
    stack = newStack();
    fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'demo' });
    device({ nucleus: NucleusArchive.release('2.17.0') });
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::EC2::Instance'))).not.toEqual(before);
  });

  test('given parts are used', () => {
    device({
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
      volumeSize: 20,
      machineImage: ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-1' }),
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] }),
      nucleus: NucleusArchive.release('2.17.0', 'b'.repeat(64)),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::Instance', {
      InstanceType: 't4g.medium',
      ImageId: 'ami-1',
      SubnetId: 'subnet-1',
      BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ VolumeSize: 20 }) })],
    });
    template.resourceCountIs('AWS::EC2::VPC', 0);
    expect(script()).toContain(`greengrass-2.17.0.zip\nCORE_NUCLEUS_SHA256=${'b'.repeat(64)}\n`);
  });

  test('fails when the device has no certificate, or none with a key here', () => {
    expect(() => device({ device: new EdgeDevice(stack, 'Bare', { fleetName: 'demo', roleAlias: fleet.roleAlias }) })).toThrow(
      /must have a certificate whose key is in a secret, got none: call addCertificate\(\) first/,
    );
  });

  test('fails when the volume is too small', () => {
    expect(() => device({ volumeSize: 5 })).toThrow(/volumeSize must be a whole number from 8/);
  });

  test.each<[string, () => NucleusArchive, RegExp]>([
    ['a version has two parts', () => NucleusArchive.release('2.18'), /three parts|5 to 64/],
    ['a digest is none', () => NucleusArchive.release('2.18.2', 'abc'), /sha256 of a nucleus archive must be a SHA-256/],
    [
      'a place is not reached by https',
      () => NucleusArchive.fromUri('2.18.2', 'http://x', 'a'.repeat(64)),
      /uri of a nucleus archive must be an https URL/,
    ],
  ])('fails when %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
