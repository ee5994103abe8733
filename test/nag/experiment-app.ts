import * as path from 'node:path';
import {
  App, aws_codecommit as codecommit, aws_ec2 as ec2, aws_ecr as ecr, aws_iam as iam, aws_kms as kms, aws_s3 as s3,
  aws_secretsmanager as secretsmanager, Stack,
} from 'aws-cdk-lib';
import {
  DvcStore, ExperimentContainer, ExperimentObjective, ExperimentPipeline, ExperimentTracking, GitRepository, type ExperimentPipelineProps,
} from '../../lib';

const SCRIPTS = path.join(__dirname, '..', '..', 'experiment-job', 'experiment_job');

const EXPERIMENT: Omit<ExperimentPipelineProps, 'store'> = {
  processing: { folder: SCRIPTS, entryPoint: 'main.py', outputs: ['data'] },
  training: { folder: SCRIPTS, entryPoint: 'main.py', metrics: { error: '(.)' } },
  objective: ExperimentObjective.minimize('error'),
  trials: [{ trialName: 'one' }, { trialName: 'two' }],
};

/** Experiments: one with all that the library makes, and one with what a user has. */
export function experimentApp(): App {
  const app = new App();
  const stack = new Stack(app, 'Experiments', { env: { region: 'eu-west-1' } });
  const repository = new codecommit.Repository(stack, 'Repository', { repositoryName: 'data' });
  const made = new DvcStore(stack, 'Store', { repository: GitRepository.fromCodeCommit(repository) });
  const pipeline = new ExperimentPipeline(stack, 'Made', {
    ...EXPERIMENT, store: made, tracking: new ExperimentTracking(stack, 'Tracking'),
    evaluation: { folder: SCRIPTS, entryPoint: 'main.py', metrics: { score: '(.)' } },
    registration: { folder: SCRIPTS, entryPoint: 'main.py' },
  });
  const scientist = new iam.Role(stack, 'Scientist', { assumedBy: new iam.AccountRootPrincipal() });
  pipeline.grantStart(scientist);
  made.grantPush(scientist);

  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000');
  const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'mine', encryptionKey });
  const credentials = secretsmanager.Secret.fromSecretNameV2(stack, 'Token', 'git-token');
  const given = new DvcStore(stack, 'Other', { repository: GitRepository.fromUrl('https://git.example.com/data.git', { credentials }), bucket });
  const container = ExperimentContainer.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Images', 'mine'), { tag: '1' });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  new ExperimentPipeline(stack, 'Given', {
    ...EXPERIMENT, vpc, store: given, artifactBucket: bucket,
    processing: { ...EXPERIMENT.processing, container }, training: { ...EXPERIMENT.training, container },
  });
  return app;
}
