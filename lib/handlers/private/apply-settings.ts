import type { aws_kms as kms} from 'aws-cdk-lib';
import {
  aws_ec2 as ec2, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, ArnFormat, Stack, Token,
} from 'aws-cdk-lib';
import type { HandlerProvider } from '../../private/handler-provider';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';
import type { HandlerOptions } from '../handler-settings';
import { chooseSubnets } from './check-options';
import { settingsOf } from './recorded-settings';

/** What Lambda gives a function that does not say. */
const DEFAULT_MEMORY = 128;

/** Applies the settings of all scopes around a handler to the handler. */
export function applySettings(provider: HandlerProvider): void {
  const settings = settingsOf(provider);
  const all = provider.node.findAll();
  const functions = all.filter((node) => lambda.CfnFunction.isCfnFunction(node));
  const roles = all.flatMap((node) => (node instanceof lambda.Function ? node.role ?? [] : []));
  functions.forEach((each) => {
    configure(each, settings);
  });
  all.filter((node) => logs.CfnLogGroup.isCfnLogGroup(node)).forEach((each) => {
    configureLogs(each, settings);
  });
  trace(provider, functions, roles, settings);
  enterVpc(provider, functions, settings);
}

function configure(resource: lambda.CfnFunction, settings: HandlerOptions): void {
  const { memorySize, architecture, reservedConcurrentExecutions, environmentEncryption } = settings;
  if (memorySize !== undefined) {
    resource.memorySize = Token.isUnresolved(memorySize) ? memorySize : Math.max(memorySize, resource.memorySize ?? DEFAULT_MEMORY);
  }
  if (architecture) {
    resource.architectures = [architecture.name];
  }
  if (reservedConcurrentExecutions !== undefined) {
    resource.reservedConcurrentExecutions = reservedConcurrentExecutions;
  }
  if (environmentEncryption) {
    resource.kmsKeyArn = environmentEncryption.keyRef.keyArn;
  }
}

function configureLogs(resource: logs.CfnLogGroup, { logRetention, logRemovalPolicy, logEncryptionKey }: HandlerOptions): void {
  if (logRetention !== undefined) {
    resource.retentionInDays = logRetention === logs.RetentionDays.INFINITE ? undefined : logRetention;
  }
  if (logRemovalPolicy !== undefined) {
    resource.applyRemovalPolicy(logRemovalPolicy);
  }
  if (logEncryptionKey) {
    resource.kmsKeyId = logEncryptionKey.keyArn;
    allowLogs(Stack.of(resource), logEncryptionKey);
  }
}

/** CloudWatch Logs uses a key by the policy of the key alone. The name of one log group would be a circle: the group needs the key. */
function allowLogs(stack: Stack, key: kms.IKey): void {
  const groups = stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  key.addToResourcePolicy(new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey', 'kms:DescribeKey'],
    resources: ['*'], // in the policy of a key, it is the key
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } },
  }));
}

function trace(
  provider: HandlerProvider, functions: readonly lambda.CfnFunction[], roles: iam.IRole[], { tracing }: HandlerOptions,
): void {
  const id = 'TracingRights';
  if (tracing === undefined || tracing === lambda.Tracing.DISABLED || provider.node.tryFindChild(id) !== undefined) {
    return;
  }
  const rights = new iam.Policy(provider, id, {
    roles,
    statements: [new iam.PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] })],
  });
  acknowledgeWildcards(rights, 'the actions of X-Ray that take traces have no resources', '*');
  for (const each of functions) {
    each.tracingConfig = { mode: tracing };
    each.node.addDependency(rights); // Lambda refuses a traced function whose role may not send traces
  }
}

function enterVpc(provider: HandlerProvider, functions: readonly lambda.CfnFunction[], settings: HandlerOptions): void {
  const { vpc, vpcSubnets, securityGroups } = settings;
  if (vpc === undefined) {
    return;
  }
  const { subnetIds, internetConnectivityEstablished } = chooseSubnets(provider, vpc, vpcSubnets);
  const groups = securityGroups ?? [ownGroup(provider, vpc)];
  const vpcConfig = { subnetIds, securityGroupIds: groups.map(({ securityGroupId }) => securityGroupId) };
  for (const each of functions) {
    each.vpcConfig = vpcConfig;
    each.node.addDependency(internetConnectivityEstablished); // it is called as soon as it is there
  }
}

function ownGroup(provider: HandlerProvider, vpc: ec2.IVpc): ec2.ISecurityGroup {
  const id = 'SecurityGroup';
  const made = provider.node.tryFindChild(id);
  if (made instanceof ec2.SecurityGroup) {
    return made;
  }
  const group = new ec2.SecurityGroup(provider, id, { vpc, allowAllOutbound: false, description: 'Custom resources: nothing in, HTTPS out' });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'APIs of AWS');
  return group;
}
