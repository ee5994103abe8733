import * as path from 'node:path';
import {
  App, aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import {
  ExperimentTracking, ExperimentTrackingKind, StudioAppType, StudioDomain, StudioImage, StudioImageSource, StudioLifecycleConfig,
  StudioUser,
} from '../../lib';

/** What a data scientist works with: a domain of this stack and one of others, with an image, and where experiments are tracked. */
export function studioApp(): App {
  const app = new App();
  const stack = new Stack(app, 'Studio');
  const scientist = new iam.Role(stack, 'Scientist', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
  new ExperimentTracking(stack, 'Tracking', { automaticModelRegistration: true }).grantTrack(scientist);
  new ExperimentTracking(stack, 'Server', { kind: ExperimentTrackingKind.trackingServer() }).grantTrack(scientist);

  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  const image = new StudioImage(stack, 'Image', {
    source: StudioImageSource.fromFolder(path.join(__dirname, '..', 'lib', 'experiments', 'studio-image')),
    appTypes: [StudioAppType.JUPYTER_LAB, StudioAppType.CODE_EDITOR],
  });
  const domain = new StudioDomain(stack, 'Domain', {
    vpc, images: [image], encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/k'),
    removalPolicy: RemovalPolicy.DESTROY, lifecycleConfigs: [new StudioLifecycleConfig(stack, 'Start', { script: 'true' })],
  });
  new StudioUser(stack, 'Ana', { domain }).addSpace('Lab', { image });
  const existing = StudioDomain.fromDomainId(stack, 'Existing', 'd-existing');
  new StudioUser(stack, 'Ben', { domain: existing }).addSpace('Lab', { image });
  return app;
}
