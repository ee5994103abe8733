import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { buildSampleApp } from '../../bin/sample-app';

function sample(context: Record<string, string>): Template {
  return Template.fromStack(buildSampleApp(new App({ context })));
}

const RULE = 'AWS::IoT::TopicRule';

describe.each(['direct', 'greengrass', 'edge-manager'])('the health of the sample with delivery=%s', (delivery) => {
  let template: Template;
  beforeAll(() => {
    template = sample({ delivery, reportSeconds: '60' });
  });

  test('is reported by its devices, to the rule of the stack', () => {
    const [rule] = Object.keys(template.findResources(RULE));
    const configured = JSON.stringify(template.toJSON());
    expect(configured).toContain('sagemaker_edge_health_rule');
    expect(configured).toMatch(new RegExp(String.raw`sagemaker_edge_health_rule\\*":\\*"",\{"Ref":"${rule ?? ''}"\}`));
    expect(configured).toMatch(/sagemaker_edge_health_report_period_seconds\\*":\\*"?60/);
  });

  test.each([['60', 720], ['300', 3600], ['86400', 604_800]])('with a report in %s seconds a device is silent after %i', (reportSeconds, silent) => {
    const functions = JSON.stringify(sample({ delivery, reportSeconds }).findResources('AWS::Lambda::Function'));
    expect(functions.replaceAll('\\', '')).toContain(`"silentSeconds":${silent}`);
  });

  test('may be reported by the role of the devices', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'iot:Publish' })]) },
    });
  });

  test('has alarms that may tell the topic, and a dashboard', () => {
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    template.resourceCountIs('AWS::CloudWatch::Alarm', delivery === 'edge-manager' ? 6 : 8); // two of them of drift, which a compiled model does not tell
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } })]),
      },
    });
  });

  test('is left out by -c health=off', () => {
    sample({ delivery, health: 'off' }).resourceCountIs(RULE, 0);
  });
});

test.each([['direct', '45'], ['greengrass', '34'], ['edge-manager', '38']])(
  'the sample with delivery=%s and the most devices, %s, fits into a stack', (delivery, deviceCount) => {
    expect(() => sample({ delivery, deviceCount })).not.toThrow();
  },
);
