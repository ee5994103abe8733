import { App, aws_ec2 as ec2, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, Stack } from 'aws-cdk-lib';
import { HIPAASecurityChecks, NIST80053R5Checks, type NagPack } from 'cdk-nag';
import { GreengrassFleet, HandlerSettings } from '../../lib';

const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/k';

/** The rules of a pack that find something at the handlers and their framework. */
function rules(pack: NagPack, apply?: (stack: Stack) => void): string[] {
  const app = new App();
  const stack = new Stack(app, 'Line');
  new GreengrassFleet(stack, 'Fleet', { fleetName: 'line' }).addDevice('Camera');
  apply?.(stack);
  app.synth();
  const found = pack.validateScope(app).violations.filter(({ violatingResources }) =>
    violatingResources.some(({ constructPath = '' }) => /^Line\/cdk-sagemaker-edge\.\w+Provider\//.test(constructPath)));
  return found.map(({ ruleName }) => ruleName.replace(/^.*?-/, '')).sort();
}

/** All that can be told. */
function settle(stack: Stack): void {
  HandlerSettings.of(stack).apply({
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] }),
    reservedConcurrentExecutions: 20, tracing: lambda.Tracing.ACTIVE, logRetention: logs.RetentionDays.ONE_YEAR,
    logEncryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY), environmentEncryption: kms.Key.fromKeyArn(stack, 'EnvKey', KEY),
  });
}

describe.each([
  ['HIPAA.Security', () => new HIPAASecurityChecks()],
  ['NIST.800.53.R5', () => new NIST80053R5Checks()],
])('cdk-nag %s at the handlers', (_name, pack) => {
  const before = rules(pack());
  const after = rules(pack(), settle);

  test('finds without settings what they can turn off', () => {
    expect(before.filter((rule) => !after.includes(rule))).toEqual(['CloudWatchLogGroupEncrypted', 'LambdaConcurrency', 'LambdaInsideVPC']);
  });

  test('finds with all settings what they cannot turn off', () => {
    expect(after).toEqual(['IAMNoInlinePolicy', 'LambdaDLQ']);
  });
});
