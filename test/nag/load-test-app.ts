import * as path from 'node:path';
import { App, aws_ec2 as ec2, aws_ecr as ecr, aws_iam as iam, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { EndpointLoadTest, LoadTestImage, LoadTestScenario, RealTimeEndpoint } from '../../lib';

/** Load tests of an endpoint: one with all that the library makes, and one with what a user has. */
export function loadTestApp(): App {
  const app = new App();
  const stack = new Stack(app, 'LoadTest');
  const endpoint = RealTimeEndpoint.fromEndpointName(stack, 'Endpoint', 'demo');
  new EndpointLoadTest(stack, 'Made', { endpoint, scenario: LoadTestScenario.payload(path.join(__dirname, 'apps.ts')) });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  const bucket = s3.Bucket.fromBucketName(stack, 'Payloads', 'payloads');
  const given = new EndpointLoadTest(stack, 'Given', {
    endpoint, vpc, resultsBucket: s3.Bucket.fromBucketName(stack, 'Results', 'results'),
    scenario: LoadTestScenario.payloadsFromBucket(bucket, 'in/'),
    image: LoadTestImage.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Repository', 'load-test'), '1'),
  });
  given.grantStart(new iam.Role(stack, 'Pipeline', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') }));
  return app;
}
