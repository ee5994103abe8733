import * as path from 'node:path';
import {
  App, aws_ec2 as ec2, aws_iam as iam, aws_iot as iot, aws_lambda as lambda, aws_logs as logs, aws_s3 as s3,
  aws_s3_assets as assets, aws_secretsmanager as secrets, aws_ssm as ssm, custom_resources as cr, CustomResource, RemovalPolicy, Stack,
} from 'aws-cdk-lib';

/** What the sample takes from aws-cdk-lib, one of each, without this library. */
const app = new App();
const stack = new Stack(app, 'Plain');
const bucket = new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true, enforceSSL: true });
const handler = new lambda.Function(stack, 'Handler', {
  code: lambda.Code.fromAsset(path.join(__dirname, '..', '..', 'assets', 'identity')),
  handler: 'index.handler',
  runtime: lambda.Runtime.NODEJS_24_X,
  logGroup: new logs.LogGroup(stack, 'Logs', { removalPolicy: RemovalPolicy.DESTROY }),
});
const { serviceToken } = new cr.Provider(stack, 'Provider', { onEventHandler: handler, isCompleteHandler: handler });
new CustomResource(stack, 'Custom', { serviceToken });
const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
bucket.grantReadWrite(role);
new secrets.Secret(stack, 'Secret').grantRead(role);
new assets.Asset(stack, 'Asset', { path: path.join(__dirname, '..', '..', 'assets', 'bootstrap', 'bootstrap.js') }).grantRead(role);
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1, natGateways: 0 });
new ec2.Instance(stack, 'Instance', {
  vpc,
  role,
  vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
  instanceType: new ec2.InstanceType('t3.small'),
  machineImage: ec2.MachineImage.latestAmazonLinux2023(),
});
new iot.CfnThing(stack, 'Thing');
new ssm.CfnDocument(stack, 'Document', { documentType: 'Command', content: { schemaVersion: '2.2', mainSteps: [] } });
app.synth();
