import { aws_iam as iam, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket, DeviceRole, EdgeDevice, GreengrassFleet, RoleAlias, Thing, ThingType } from '../../../lib';
import { newStack } from './fixture';

let stack: Stack;
beforeEach(() => {
  stack = newStack();
});
const template = (): Template => Template.fromStack(stack);
const iot = (...ends: string[]): object[] => ends.map((end) => ({ 'Fn::Join': ['', Match.arrayWith([end])] }));

describe('a Greengrass fleet', () => {
  test('makes a thing group, a role with its alias and a capture bucket', () => {
    new GreengrassFleet(stack, 'Fleet');
    template().hasResourceProperties('AWS::IoT::ThingGroup', { ThingGroupName: 'Stack-Fleet' });
    template().hasResourceProperties('AWS::IoT::RoleAlias', { RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^GreengrassFleetRole'), 'Arn'] } });
    template().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'credentials.iot.amazonaws.com' } })] },
    });
    template().hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  });

  test('lets each device write its own captures alone', () => {
    new GreengrassFleet(stack, 'Fleet');
    template().hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^GreengrassFleetRole') }],
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: 's3:PutObject',
            Resource: { 'Fn::Join': ['', [Match.anyValue(), '/captures/${credentials-iot:ThingName}/*']] },
          }),
          Match.objectLike({ Action: 's3:GetBucketLocation' }),
        ],
      },
    });
  });

  test('given parts are used', () => {
    const captureBucket = CaptureBucket.fromBucketName(stack, 'Captures', 'captures');
    const role = new DeviceRole(stack, 'Role');
    const roleAlias = new RoleAlias(stack, 'Alias', { role });
    const fleet = new GreengrassFleet(stack, 'Fleet', {
      fleetName: 'demo',
      captureBucket,
      role,
      roleAlias,
      thingType: new ThingType(stack, 'Type'),
    });
    expect([fleet.role, fleet.roleAlias, fleet.captureBucket]).toEqual([role, roleAlias, captureBucket]);
    fleet.addDevice('Camera');
    template().resourceCountIs('AWS::IoT::RoleAlias', 1);
    template().resourceCountIs('AWS::S3::Bucket', 0);
    template().hasResourceProperties('AWS::IoT::ThingGroup', { ThingGroupName: 'demo' });
    template().resourceCountIs('Custom::SageMakerEdge-ThingTypeMembership', 1);
  });

  test('the role of an alias is used', () => {
    const role = new DeviceRole(stack, 'Role');
    expect(new GreengrassFleet(stack, 'Fleet', { roleAlias: new RoleAlias(stack, 'Alias', { role }) }).role).toBe(role);
  });

  test('the bucket goes with the stack where that is asked for', () => {
    new GreengrassFleet(stack, 'Fleet', { removalPolicy: RemovalPolicy.DESTROY });
    template().hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  test('logs may be uploaded only where that is asked for', () => {
    new GreengrassFleet(stack, 'Fleet');
    expect(JSON.stringify(template().findResources('AWS::IAM::Policy'))).not.toContain('/aws/greengrass/');
    stack = newStack();
    new GreengrassFleet(stack, 'Fleet', { uploadLogs: true });
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
            Resource: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':log-group:/aws/greengrass/\\*/')])] },
          }),
        ]),
      },
    });
  });

  describe('a device', () => {
    test('is a thing with a certificate, in the group', () => {
      const device = new GreengrassFleet(stack, 'Fleet', { fleetName: 'demo' }).addDevice('Camera');
      expect([device.deviceName, device.fleetName]).toEqual(['demo-Camera', 'demo']);
      expect(device.certificate).toBeDefined();
      template().hasResourceProperties('Custom::SageMakerEdge-ThingGroupMembership', {
        ThingGroupName: { 'Fn::Select': [1, { 'Fn::Split': ['/', Match.anyValue()] }] },
        ThingName: { Ref: Match.stringLikeRegexp('^ThingdemoCamera') },
        DeleteCoreDevice: 'true',
      });
    });

    test('has the minimal policy of a core device on its certificate', () => {
      new GreengrassFleet(stack, 'Fleet').addDevice('Camera');
      template().hasResourceProperties('AWS::IoT::Policy', {
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'iot:Connect',
              Resource: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':client/$'), { Ref: Match.anyValue() }, '*'])] },
            },
            {
              Effect: 'Allow',
              Action: ['iot:Publish', 'iot:Receive'],
              Resource: iot('*/greengrass/health/json', '*/greengrassv2/health/json', '*/jobs/*', '*/shadow/*'),
            },
            { Effect: 'Allow', Action: 'iot:Subscribe', Resource: iot('*/jobs/*', '*/shadow/*') },
            {
              Effect: 'Allow',
              Action: [
                'greengrass:GetComponentVersionArtifact',
                'greengrass:GetDeploymentConfiguration',
                'greengrass:ListThingGroupsForCoreDevice',
                'greengrass:ResolveComponentCandidates',
              ],
              Resource: '*',
            },
          ],
        },
      });
      template().resourceCountIs('AWS::IoT::PolicyPrincipalAttachment', 2);
    });

    test('loses that policy before its membership: what may still report would be a core device again when it is forgotten', () => {
      new GreengrassFleet(stack, 'Fleet').addDevice('Camera');
      const policy = { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] };
      template().hasResource('AWS::IoT::PolicyPrincipalAttachment', {
        Properties: { PolicyName: { Ref: Match.stringLikeRegexp('^CorePolicy') }, Principal: policy },
        DependsOn: Match.arrayWith([Match.stringLikeRegexp('^Membership.*Camera')]),
      });
    });

    test('all of a fleet\'s own names share one policy of the handler', () => {
      const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'demo' });
      for (const id of ['A', 'B', 'C']) {
        fleet.addDevice(id);
      }
      const rights = Object.values(template().findResources('AWS::IAM::Policy')).filter((policy) =>
        JSON.stringify(policy).includes('iot:AddThingToThingGroup'),
      );
      expect(rights).toHaveLength(1);
      expect(JSON.stringify(rights)).toContain(':thing/demo-*');
      expect(JSON.stringify(rights)).toContain(':coreDevices:demo-*');
    });

    test('of another name has a policy of its own', () => {
      new GreengrassFleet(stack, 'Fleet', { fleetName: 'demo' }).addDevice('A', { deviceName: 'gate-7' });
      template().hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Action: ['iot:AddThingToThingGroup', 'iot:RemoveThingFromThingGroup'] }),
            Match.objectLike({ Action: 'iot:ListThingGroupsForThing' }),
            Match.objectLike({ Action: 'greengrass:DeleteCoreDevice' }),
          ]),
        },
      });
      expect(JSON.stringify(template().toJSON())).not.toContain(':thing/demo-*","');
    });

    test('whose thing is given is forgotten by nobody', () => {
      new GreengrassFleet(stack, 'Fleet').addDevice('A', { thing: Thing.fromThingName(stack, 'Thing', 'gate-7') });
      template().hasResourceProperties('Custom::SageMakerEdge-ThingGroupMembership', { ThingName: 'gate-7', DeleteCoreDevice: 'false' });
    });

    test('that was made otherwise becomes a member', () => {
      const fleet = new GreengrassFleet(stack, 'Fleet');
      const device = new EdgeDevice(stack, 'Device', { fleetName: 'demo', roleAlias: fleet.roleAlias });
      device.addCertificate();
      fleet.addMember(device);
      template().hasResourceProperties('Custom::SageMakerEdge-ThingGroupMembership', { DeleteCoreDevice: 'false' });
    });

    test('fails when it has no certificate', () => {
      const fleet = new GreengrassFleet(stack, 'Fleet');
      expect(() => {
        fleet.addMember(new EdgeDevice(stack, 'Device', { fleetName: 'demo', roleAlias: fleet.roleAlias }));
      }).toThrow(/device 'demo-Device' must have a certificate.*call addCertificate first/);
    });
  });

  test('fails when a role alias is given whose role is not known', () => {
    expect(() => new GreengrassFleet(stack, 'Fleet', { roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'x') })).toThrow(
      /role must be given with a roleAlias whose role is not known/,
    );
  });

  test('fails when the name is none', () => {
    expect(() => new GreengrassFleet(stack, 'Fleet', { fleetName: 'a_b' })).toThrow(/fleetName must be letters, digits and hyphens/);
  });

  test('an import has name, ARN and role', () => {
    const role = iam.Role.fromRoleName(stack, 'Role', 'devices');
    const imported = GreengrassFleet.fromGreengrassFleetAttributes(stack, 'Import', { fleetName: 'site:1', role });
    expect(imported).toMatchObject({ fleetName: 'site:1', role });
    expect(JSON.stringify(stack.resolve(imported.thingGroupRef.thingGroupArn))).toContain(':iot:eu-west-1:111111111111:thinggroup/site:1');
    expect([
      GreengrassFleet.isGreengrassFleet(imported),
      GreengrassFleet.isGreengrassFleet(new GreengrassFleet(stack, 'Fleet')),
      GreengrassFleet.isGreengrassFleet(undefined),
    ]).toEqual([false, true, false]);
  });

  test('fails when the name of an import is none', () => {
    expect(() => GreengrassFleet.fromGreengrassFleetAttributes(stack, 'Import', { fleetName: 'a b' })).toThrow(
      /fleetName must be letters, digits and : _ -/,
    );
  });
});
