import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { BridgeStack } from '../../../local/bridge/stack';

const template = Template.fromStack(new BridgeStack(
  new App(),
  'LocalBridge',
  { handler: path.join(__dirname, '..', '..', '..', 'local', 'bridge', 'handler') },
));

test('a role may be passed to the one service that the resource needs', () => {
  for (const service of ['credentials.iot.amazonaws.com', 'sagemaker.amazonaws.com']) {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'iam:PassRole', Condition: { StringEquals: { 'iam:PassedToService': [service] } } }),
        ]),
      },
    });
  }
});

test('its rights name actions, and resources of the bridged services', () => {
  const documents = Object.values(template.findResources('AWS::IAM::Policy')).map((policy) => JSON.stringify(policy));
  expect(documents).toHaveLength(1);
  // in whose requests the emulator finds no resource
  const withoutEc2 = documents.join().replace(/\{"Action":\["ec2:[^\]]*\],"Effect":"Allow","Resource":"\*"\}/g, '');
  // an action without a resource
  const rest = withoutEc2.replace('{"Action":"greengrass:CreateDeployment","Effect":"Allow","Resource":"*"}', '');
  const scaling = rest.replace(/\{"Action":\["application-autoscaling:[^\]]*\],"Effect":"Allow","Resource":"\*"\}/g, ''); // the ARN of a target is not known before
  expect(scaling).not.toMatch(/"Resource":"\*"|"Action":"\*"|:\*"\]?,"Effect/);
});
