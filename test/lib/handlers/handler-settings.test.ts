import {
  App, aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, Lazy, RemovalPolicy, Stack, Stage, Token,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HandlerSettings, type HandlerOptions } from '../../../lib/handlers/handler-settings';
import { IdentityProvider } from '../../../lib/identity/private/provider';
import { ModelProvider } from '../../../lib/model/private/provider';

const FUNCTION = 'AWS::Lambda::Function';
const LOG_GROUP = 'AWS::Logs::LogGroup';

let app: App;
let stack: Stack;
beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Demo', { env: { account: '111111111111', region: 'eu-west-1' } });
});

/** A stack with a handler, made before or after its settings. */
function applied(options: HandlerOptions): Template {
  IdentityProvider.getOrCreate(stack);
  HandlerSettings.of(stack).apply(options);
  return Template.fromStack(stack);
}

const vpcOf = (subnets: Partial<ec2.VpcAttributes>): ec2.IVpc =>
  ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], ...subnets });

describe('what they are for', () => {
  test('without them nothing is said', () => {
    IdentityProvider.getOrCreate(stack);
    Template.fromStack(stack).allResourcesProperties(FUNCTION, {
      Architectures: Match.absent(), TracingConfig: Match.absent(), ReservedConcurrentExecutions: Match.absent(), KmsKeyArn: Match.absent(),
      VpcConfig: Match.absent(),
    });
  });

  test('the function of the handler gets them', () => {
    const template = applied({ architecture: lambda.Architecture.ARM_64 });
    template.resourceCountIs(FUNCTION, 1);
    template.allResourcesProperties(FUNCTION, { Architectures: ['arm64'] });
  });

  test('a handler that is made later gets them', () => {
    HandlerSettings.of(stack).apply({ reservedConcurrentExecutions: 20 });
    IdentityProvider.getOrCreate(stack);
    Template.fromStack(stack).allResourcesProperties(FUNCTION, { ReservedConcurrentExecutions: 20 });
  });

  test('each handler of an app gets them', () => {
    HandlerSettings.of(app).apply({ architecture: lambda.Architecture.ARM_64 });
    const stacks = [new Stack(app, 'Other'), new Stack(new Stage(app, 'Prod'), 'Stack')];
    stacks.forEach((each) => {
      ModelProvider.getOrCreate(each);
    });
    stacks.forEach((each) => {
      Template.fromStack(each).allResourcesProperties(FUNCTION, { Architectures: ['arm64'] });
    });
  });

  test('a function of the user\'s own is left alone', () => {
    new lambda.Function(stack, 'Own', {
      code: lambda.Code.fromInline('exports.handler = () => {};'), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X, memorySize: 300,
    });
    applied({ memorySize: 512 }).hasResourceProperties(FUNCTION, { MemorySize: 300 });
  });

  test('the innermost scope wins, and of one scope the last call', () => {
    HandlerSettings.of(stack).apply({ reservedConcurrentExecutions: 10, logRetention: logs.RetentionDays.ONE_DAY });
    HandlerSettings.of(app).apply({ reservedConcurrentExecutions: 99, architecture: lambda.Architecture.ARM_64 });
    const template = applied({ logRetention: logs.RetentionDays.ONE_YEAR });
    template.allResourcesProperties(FUNCTION, { ReservedConcurrentExecutions: 10, Architectures: ['arm64'] });
    template.allResourcesProperties(LOG_GROUP, { RetentionInDays: 365 });
  });

  test('an option that is undefined leaves what the outer scope says', () => {
    HandlerSettings.of(app).apply({ architecture: lambda.Architecture.ARM_64 });
    applied({ architecture: undefined }).allResourcesProperties(FUNCTION, { Architectures: ['arm64'] });
  });
});

test('a permissions boundary of aws-cdk-lib reaches all roles of the handlers', () => {
  const policy = iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary');
  iam.PermissionsBoundary.of(stack).apply(policy);
  applied({}).allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: stack.resolve(policy.managedPolicyArn) as unknown });
});

describe('memorySize', () => {
  test('is the memory of each function', () => {
    applied({ memorySize: 512 }).allResourcesProperties(FUNCTION, { MemorySize: 512 });
  });

  test('leaves a handler that needs more what it needs', () => {
    ModelProvider.getOrCreate(stack);
    applied({ memorySize: 512 }).hasResourceProperties(FUNCTION, { MemorySize: 1769 });
  });

  test('can be a token', () => {
    applied({ memorySize: Lazy.number({ produce: () => 640 }) }).allResourcesProperties(FUNCTION, { MemorySize: 640 });
  });

  test.each([127, 10_241, 128.5])('fails when it is %p', (memorySize) => {
    expect(() => {
      HandlerSettings.of(stack).apply({ memorySize });
    }).toThrow(/^Demo: memorySize must be .*128.*10,?240.*, got/);
  });
});

test.each([0, 1.5])('fails when reservedConcurrentExecutions is %p', (reservedConcurrentExecutions) => {
  expect(() => {
    HandlerSettings.of(stack).apply({ reservedConcurrentExecutions });
  }).toThrow(/^Demo: reservedConcurrentExecutions must be/);
});

describe('tracing', () => {
  const rights = { PolicyDocument: { Statement: [Match.objectLike({ Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] })] } };

  test('comes with its rights for the roles of all functions', () => {
    const template = applied({ tracing: lambda.Tracing.ACTIVE });
    template.allResourcesProperties(FUNCTION, { TracingConfig: { Mode: 'Active' } });
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy', { Properties: rights }));
    expect(policy).toMatchObject({ Properties: { Roles: { length: 1 } } });
  });

  test('has its rights before a function is made', () => {
    const template = applied({ tracing: lambda.Tracing.PASS_THROUGH });
    const [id] = Object.keys(template.findResources('AWS::IAM::Policy', { Properties: rights }));
    template.allResources(FUNCTION, { DependsOn: Match.arrayWith([id]) });
  });

  test('is off, and without rights, where an inner scope disables it', () => {
    HandlerSettings.of(app).apply({ tracing: lambda.Tracing.ACTIVE });
    const template = applied({ tracing: lambda.Tracing.DISABLED });
    template.allResourcesProperties(FUNCTION, { TracingConfig: Match.absent() });
    template.resourcePropertiesCountIs('AWS::IAM::Policy', rights, 0);
  });
});

describe('logs', () => {
  test('are kept as long as logRetention says', () => {
    applied({ logRetention: logs.RetentionDays.TEN_YEARS }).allResourcesProperties(LOG_GROUP, { RetentionInDays: 3653 });
  });

  test('are kept for ever with INFINITE', () => {
    applied({ logRetention: logs.RetentionDays.INFINITE }).allResourcesProperties(LOG_GROUP, { RetentionInDays: Match.absent() });
  });

  test('stay when the stack goes, with RETAIN', () => {
    applied({ logRemovalPolicy: RemovalPolicy.RETAIN }).allResources(LOG_GROUP, { DeletionPolicy: 'Retain' });
  });

  test('fails when logRemovalPolicy is SNAPSHOT', () => {
    expect(() => {
      HandlerSettings.of(stack).apply({ logRemovalPolicy: RemovalPolicy.SNAPSHOT });
    }).toThrow("Demo: logRemovalPolicy must be DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE, got 'snapshot'");
  });

  test('are encrypted with logEncryptionKey', () => {
    const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/k');
    applied({ logEncryptionKey: key }).allResourcesProperties(LOG_GROUP, { KmsKeyId: 'arn:aws:kms:eu-west-1:111111111111:key/k' });
  });

  test('a key of the app lets CloudWatch Logs use it, for the log groups of the stack', () => {
    ModelProvider.getOrCreate(stack); // a second handler needs no second statement
    const template = applied({ logEncryptionKey: new kms.Key(stack, 'Key') });
    const [key] = Object.values(template.findResources('AWS::KMS::Key'));
    const { Properties: { KeyPolicy: { Statement: statements } } } = key as { Properties: { KeyPolicy: { Statement: unknown[] } } };
    expect(statements.slice(1)).toEqual([expect.objectContaining({
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': { 'Fn::Join': ['', [
        'arn:', { Ref: 'AWS::Partition' }, ':logs:eu-west-1:111111111111:log-group:*',
      ]] } } },
    })]);
  });
});

test('environmentEncryption is the key of the functions', () => {
  const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/k');
  applied({ environmentEncryption: key }).allResourcesProperties(FUNCTION, { KmsKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/k' });
});

describe('vpc', () => {
  const vpcAccess = Match.arrayWith([
    { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole']] },
  ]);

  test('has the functions in its private subnets, with one security group that lets HTTPS out alone', () => {
    const template = applied({ vpc: vpcOf({ privateSubnetIds: ['subnet-1'], publicSubnetIds: ['subnet-2'] }) });
    const [group] = Object.keys(template.findResources('AWS::EC2::SecurityGroup'));
    template.allResourcesProperties(FUNCTION, {
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: [{ 'Fn::GetAtt': [group, 'GroupId'] }] },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [Match.objectLike({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })], SecurityGroupIngress: Match.absent(),
    });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  });

  test('gives the roles their rights on network interfaces', () => {
    const template = applied({ vpc: vpcOf({ privateSubnetIds: ['subnet-1'] }) });
    expect(Object.keys(template.findResources('AWS::IAM::Role', { Properties: { ManagedPolicyArns: vpcAccess } }))).toHaveLength(1);
  });

  test('may have isolated subnets alone', () => {
    applied({ vpc: vpcOf({ isolatedSubnetIds: ['subnet-3'] }) })
      .allResourcesProperties(FUNCTION, { VpcConfig: Match.objectLike({ SubnetIds: ['subnet-3'] }) });
  });

  test('takes subnets and security groups of the user', () => {
    const vpc = vpcOf({ privateSubnetIds: ['subnet-1'], isolatedSubnetIds: ['subnet-3'] });
    const template = applied({
      vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }, securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
    });
    template.allResourcesProperties(FUNCTION, { VpcConfig: { SubnetIds: ['subnet-3'], SecurityGroupIds: ['sg-1'] } });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  test('of an inner scope is not that with the outer scope\'s subnets', () => {
    const outer = ec2.Vpc.fromVpcAttributes(stack, 'Outer', {
      vpcId: 'vpc-0', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-0'], isolatedSubnetIds: ['subnet-9'],
    });
    HandlerSettings.of(app).apply({ vpc: outer, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
    applied({ vpc: vpcOf({ privateSubnetIds: ['subnet-1'] }) })
      .allResourcesProperties(FUNCTION, { VpcConfig: Match.objectLike({ SubnetIds: ['subnet-1'] }) });
  });

  test('has its way out before a function is called', () => {
    const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 1, natGateways: 1 });
    const template = applied({ vpc });
    const [route] = Object.keys(template.findResources('AWS::EC2::Route', { Properties: { NatGatewayId: Match.anyValue() } }));
    template.allResources(FUNCTION, { DependsOn: Match.arrayWith([route]) });
  });

  test('may have subnets that the deployment alone knows', () => {
    const vpc = vpcOf({ privateSubnetIds: Token.asList({ 'Fn::Split': [',', { Ref: 'Subnets' }] }) });
    applied({ vpc }).allResourcesProperties(FUNCTION, { VpcConfig: Match.objectLike({ SubnetIds: { 'Fn::Split': [',', { Ref: 'Subnets' }] } }) });
  });

  test('fails when it has public subnets alone', () => {
    expect(() => {
      HandlerSettings.of(stack).apply({ vpc: vpcOf({ publicSubnetIds: ['subnet-2'] }) });
    }).toThrow('Demo: vpc of handlers must have private or isolated subnets, got public ones alone: a function has no public address');
  });

  test('fails when vpcSubnets are public', () => {
    const vpc = vpcOf({ publicSubnetIds: ['subnet-2'], privateSubnetIds: ['subnet-1'] });
    expect(() => {
      HandlerSettings.of(stack).apply({ vpc, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
    }).toThrow('Demo: vpcSubnets of handlers must be private or isolated, got public ones');
  });

  test('fails when securityGroups are none', () => {
    expect(() => {
      HandlerSettings.of(stack).apply({ vpc: vpcOf({ privateSubnetIds: ['subnet-1'] }), securityGroups: [] });
    }).toThrow('Demo: securityGroups must be at least one, got none: leave them out for a new one');
  });

  test.each<[string, HandlerOptions]>([
    ['vpcSubnets', { vpcSubnets: {} }], ['securityGroups', { securityGroups: [] }],
  ])('fails when %s come without it', (what, options) => {
    expect(() => {
      HandlerSettings.of(stack).apply(options);
    }).toThrow(`Demo: ${what} need a vpc, got none`);
  });
});
