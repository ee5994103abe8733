import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_ecr as ecr, aws_s3 as s3, aws_secretsmanager as secretsmanager, Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  DvcStore, EndpointImage, EndpointModel, ExperimentContainer, ExperimentObjective, GitRepository, type ExperimentPipelineProps,
} from '../../../lib';
import { valueAt } from '../../../lib/private/objects';
import { definition, PROCESSING, SCRIPTS, stackWith, TRAINING, trialState } from './pipeline-stack';

describe('the state machine', () => {
  test('is one of JSONata that runs all trials at a time', () => {
    expect(definition(stackWith().stack)).toMatchObject({
      QueryLanguage: 'JSONata', StartAt: 'Begin', States: { Trials: { Type: 'Map', MaxConcurrency: 2, Next: 'Choose the winner' } },
    });
  });

  test('runs fewer trials at a time where it is told to', () => {
    expect(valueAt(definition(stackWith({ maxConcurrency: 1 }).stack), '/States/Trials/MaxConcurrency')).toBe(1);
  });

  test('has each trial with its branch, arguments and hyperparameters', () => {
    expect(valueAt(definition(stackWith().stack), '/States/Trials/Items')).toMatchObject([
      { name: 'single-file', branch: 'single-file', processingArguments: ['--train-test-split-ratio', '0.2'], hyperparameters: { depth: '6' } },
      { name: 'multi-files', branch: 'trials/multi', processingArguments: ['--train-test-split-ratio', '0.1'], hyperparameters: {} },
    ]);
  });

  test('asks CodeCommit for the commit of the base branch', () => {
    expect(trialState(stackWith({ baseBranch: 'release' }).stack, 'Find the commit')).toMatchObject({
      Resource: 'arn:<Ref AWS Partition>:states:::aws-sdk:codecommit:getBranch', Arguments: { BranchName: 'release' },
      Assign: { base: '{% $states.result.Branch.CommitId %}' },
    });
  });

  test('finds nothing again where the repository is elsewhere', () => {
    const { stack } = stackWith((inStack) => ({
      store: new DvcStore(inStack, 'Other', {
        repository: GitRepository.fromUrl('https://git.example.com/data.git', {
          credentials: secretsmanager.Secret.fromSecretNameV2(inStack, 'Token', 'token'),
        }),
      }),
    }));
    expect(trialState(stack, 'Find the commit')).toMatchObject({
      Type: 'Pass', Assign: { base: '{% $states.context.Execution.Name %}' },
    });
  });

  test('does no work that is done: it looks for the result of the same commit, scripts and arguments', () => {
    const { stack } = stackWith();
    expect(trialState(stack, 'Look for the data')).toMatchObject({
      Arguments: { Key: "{% 'processed/' & $trial.processKey & '-' & $base & '/result.json' %}" },
      Catch: [{ ErrorEquals: ['S3.NoSuchKeyException', 'S3.NoSuchKey'], Next: 'Process' }], Next: 'Look for the model',
    });
    expect(trialState(stack, 'Look for the model')).toMatchObject({
      Arguments: { Key: "{% 'trained/' & $trial.trainKey & '-' & $processed.commit & '.json' %}" },
      Catch: [{ Next: 'Train' }], Next: 'Done',
    });
  });

  test('chooses the smallest value', () => {
    expect(valueAt(definition(stackWith().stack), '/States/Choose the winner/Assign/winner')).toBe(
      "{% $sort($states.input, function($l, $r) { $lookup($l.metrics, 'error') > $lookup($r.metrics, 'error') })[0] %}",
    );
  });

  test('chooses the largest value', () => {
    const { stack } = stackWith({ objective: ExperimentObjective.maximize('error') });
    expect(valueAt(definition(stack), '/States/Choose the winner/Assign/winner')).toContain("$lookup($l.metrics, 'error') < $lookup($r.metrics, 'error')");
  });

  test('copies the winner to one key, and says its version', () => {
    expect(valueAt(definition(stackWith().stack), '/States/Deliver the winner')).toMatchObject({
      Arguments: { Key: 'winner/model.tar.gz', CopySource: "{% $substringAfter($winner.model, 's3://') %}" },
      Output: expect.stringContaining("'objectVersion': $states.result.VersionId") as unknown,
    });
  });
});

describe('the key of a result', () => {
  const keys = (props: Partial<ExperimentPipelineProps> = {}): unknown => valueAt(definition(stackWith(props).stack), '/States/Trials/Items/0');

  test('is the same for the same inputs', () => {
    expect(keys()).toEqual(keys());
  });

  test('of a model changes with a hyperparameter, and that of the data does not', () => {
    const [before, after] = [keys(), keys({ trials: [{
      trialName: 'single-file', processingArguments: { 'train-test-split-ratio': '0.2' }, hyperparameters: { depth: '7' },
    }] })];
    expect(valueAt(after, '/processKey')).toBe(valueAt(before, '/processKey'));
    expect(valueAt(after, '/trainKey')).not.toBe(valueAt(before, '/trainKey'));
  });

  test.each([
    ['an argument', { trials: [{ trialName: 'single-file', processingArguments: { 'train-test-split-ratio': '0.3' } }] }],
    ['an output', { processing: { ...PROCESSING, outputs: ['data/train'] } }],
    ['the image', { processing: { ...PROCESSING, container: ExperimentContainer.PYTORCH_2_8_CPU } }],
    ['the script', { processing: { ...PROCESSING, entryPoint: 'train.py' } }],
  ])('of the data changes with %s', (_, props) => {
    expect(valueAt(keys(props), '/processKey')).not.toBe(valueAt(keys(), '/processKey'));
  });

  test('changes with the text of a script', () => {
    const before = valueAt(keys(), '/processKey');
    const more = path.join(SCRIPTS, 'more.py');
    fs.writeFileSync(more, 'x = 1');
    try {
      expect(valueAt(keys(), '/processKey')).not.toBe(before);
    } finally {
      fs.rmSync(more);
    }
  });

  test('does not change with what Python caches', () => {
    const before = valueAt(keys(), '/processKey');
    const cache = path.join(SCRIPTS, '__pycache__');
    fs.mkdirSync(cache);
    fs.writeFileSync(path.join(cache, 'train.pyc'), 'x');
    try {
      expect(valueAt(keys(), '/processKey')).toBe(before);
    } finally {
      fs.rmSync(cache, { recursive: true });
    }
  });
});

describe('a processing job', () => {
  test('runs the script in SageMaker\'s scikit-learn container, with the environment of its trial', () => {
    expect(trialState(stackWith().stack, 'Process')).toMatchObject({
      Resource: 'arn:<Ref AWS Partition>:states:::sagemaker:createProcessingJob.sync',
      Arguments: {
        AppSpecification: {
          ImageUri: expect.stringMatching(/^141502667606\.dkr\.ecr\.eu-west-1\..*\/sagemaker-scikit-learn:1\.4-2-cpu-py3$/) as unknown,
          ContainerEntrypoint: ['/bin/sh', '-c', 'exec python3 /opt/ml/processing/input/code/*.zip "$@"'],
          ContainerArguments: "{% $append(['job'], $trial.processingArguments) %}",
        },
        ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 30 } },
        StoppingCondition: { MaxRuntimeInSeconds: 3600 },
        Environment: {
          EXPERIMENT_STAGE: 'process', EXPERIMENT_SCRIPT: 'prepare.py', EXPERIMENT_OUTPUTS: 'data/train,data/test', DVC_BASE_BRANCH: 'main',
          DVC_BRANCH: '{% $trial.branch %}', DVC_REPO_URL: expect.stringMatching(/^codecommit::eu-west-1:\/\//) as unknown, DVC_REMOTE_NAME: 'storage',
        },
      },
    });
  });

  test('has a name that is used once', () => {
    expect(valueAt(trialState(stackWith().stack, 'Process'), '/Arguments/ProcessingJobName')).toMatch(
      /^\{% 'stack-houses-job-p-' & \$trial\.name & '-' & \$run & \(\$states\.context\.Execution\.RedriveCount > 0 \? /,
    );
  });

  test('has the machine and the time that its script asks for', () => {
    const { stack } = stackWith({
      processing: { ...PROCESSING, instanceType: 'ml.c5.xlarge', volumeSize: Size.gibibytes(100), maxRuntime: Duration.minutes(5) },
    });
    expect(trialState(stack, 'Process')).toMatchObject({
      Arguments: {
        ProcessingResources: { ClusterConfig: { InstanceType: 'ml.c5.xlarge', VolumeSizeInGB: 100 } }, StoppingCondition: { MaxRuntimeInSeconds: 300 },
      },
    });
  });
});

describe('a training job', () => {
  test('gets the code, what the processing said, and the hyperparameters', () => {
    expect(trialState(stackWith().stack, 'Train')).toMatchObject({
      Arguments: {
        AlgorithmSpecification: { MetricDefinitions: [{ Name: 'error', Regex: 'error: ([0-9.]+)' }], TrainingInputMode: 'File' },
        HyperParameters: '{% $trial.hyperparameters %}',
        InputDataConfig: [{ ChannelName: 'code' }, { ChannelName: 'processed' }],
        Environment: { EXPERIMENT_STAGE: 'train', EXPERIMENT_METRICS: '{"error":"error: ([0-9.]+)"}', MLFLOW_EXPERIMENT_NAME: 'Stack-Houses-Experiment' },
      },
      Next: 'Keep the record of the training',
    });
  });

  test('is on demand', () => {
    expect(valueAt(trialState(stackWith().stack, 'Train'), '/Arguments/EnableManagedSpotTraining')).toBeUndefined();
  });

  test('waits for spot capacity where it may', () => {
    const { stack } = stackWith({ training: { ...TRAINING, maxSpotWait: Duration.hours(2) } });
    expect(trialState(stack, 'Train')).toMatchObject({
      Arguments: { EnableManagedSpotTraining: true, StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 } },
    });
  });

  test('runs in an image of one\'s own', () => {
    const { stack } = stackWith();
    const repository = ecr.Repository.fromRepositoryName(stack, 'Images', 'mine');
    const own = stackWith({ training: { ...TRAINING, container: ExperimentContainer.fromEcrRepository(repository, { tag: '7' }) } }).stack;
    expect(valueAt(trialState(own, 'Train'), '/Arguments/AlgorithmSpecification/TrainingImage')).toMatch(/\/mine:7$/);
  });
});

describe('an evaluation', () => {
  const evaluation = { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { score: 'score: (.*)' } };

  test('gets the model, and its metrics join those of the training', () => {
    const { stack } = stackWith({ evaluation, objective: ExperimentObjective.maximize('score') });
    expect(trialState(stack, 'Evaluate')).toMatchObject({
      Arguments: {
        ProcessingInputs: [{ InputName: 'code' }, { InputName: 'processed' }, { InputName: 'model', S3Input: { S3Uri: '{% $trained.model %}' } }],
        Environment: { EXPERIMENT_STAGE: 'evaluate', EXPERIMENT_TRAINING_JOB: '{% $trained.job %}' },
      },
    });
    expect(valueAt(trialState(stack, 'Done'), '/Output')).toContain('$merge([$trained.metrics, $evaluated.metrics])');
  });
});

describe('the artifacts', () => {
  test('are kept with their versions', () => {
    Template.fromStack(stackWith().stack).hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain', Properties: { VersioningConfiguration: { Status: 'Enabled' } },
    });
  });

  test('are what an endpoint is deployed from', () => {
    const { stack, pipeline } = stackWith();
    const image = EndpointImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Images', 'mine'));
    const model = EndpointModel.fromImage({ image, modelData: pipeline.winnerModel({ objectVersion: 'v1' }) })._bind(stack, false);
    expect(stack.resolve(valueAt(model, '/container/modelDataUrl'))).toEqual({
      'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching(/^HousesArtifacts/) as unknown }, '/winner/model.tar.gz']],
    });
  });

  test('can be in a bucket that is given', () => {
    const { stack } = stackWith();
    const own = stackWith({ artifactBucket: s3.Bucket.fromBucketName(stack, 'Mine', 'mine') }).stack;
    expect(valueAt(trialState(own, 'Train'), '/Arguments/OutputDataConfig/S3OutputPath')).toBe('s3://mine/trained');
  });

  test('fails when removalPolicy is given for a bucket that is given', () => {
    const { stack } = stackWith();
    expect(() => stackWith({ artifactBucket: s3.Bucket.fromBucketName(stack, 'Mine', 'mine'), removalPolicy: RemovalPolicy.DESTROY }))
      .toThrow('removalPolicy is that of a bucket that is made, got it together with artifactBucket');
  });
});

describe('a container', () => {
  test('is looked up at deployment in a stack without a region', () => {
    Template.fromStack(stackWith({}, {}).stack).hasMapping('*', { 'eu-west-1': { account: '141502667606' } });
  });

  test('fails when the region is not in the table', () => {
    expect(() => stackWith({}, { account: '111122223333', region: 'mx-central-1' })).toThrow(
      "the account of the scikit-learn containers must be known for the region of the stack, got mx-central-1, which is not in the library's table: copy the image",
    );
  });

  test('fails when the version is no version', () => {
    expect(() => ExperimentContainer.scikitLearn('latest')).toThrow("version of scikit-learn must be a version like '1.4-2', got 'latest'");
  });
});

test('the command that starts a run names the state machine', () => {
  const { stack, pipeline } = stackWith();
  expect(stack.resolve(pipeline.startCommand())).toEqual({
    'Fn::Join': ['', ['aws stepfunctions start-execution --region eu-west-1 --state-machine-arn ', { Ref: expect.stringMatching(/^Houses/) as unknown }]],
  });
});
