import type { Network } from '../../../jobs/network';
import type { CheckedTrial } from './checked-props';
import type { Job } from './jobs';

/** The folders of the artifact bucket. What is done is found again by its key: the hash of its inputs, and the commit of its data. */
export const FOLDERS = { processed: 'processed', trained: 'trained', evaluated: 'evaluated', winner: 'winner' } as const;
/** What a processing job tells the pipeline, in the folder of its stage. This and the next two are patterns of IAM. */
export const RESULTS = '*/result.json';
/** What the pipeline notes of trainings. */
export const RECORDS = `${FOLDERS.trained}/*.json`;
/** Where SageMaker puts the models of trainings. */
export const MODELS = `${FOLDERS.trained}/*/output/model.tar.gz`;
/** The archive of the model that won. */
export const WINNER_KEY = `${FOLDERS.winner}/model.tar.gz`;

/** SageMaker mounts what it downloads below this folder. */
const PROCESSING = '/opt/ml/processing';

/** All that the definition is made of. Texts may hold tokens; a key of the cache is known at synth. */
export interface DefinitionInputs {
  readonly partition: string;
  readonly jobPrefix: string;
  readonly bucket: string;
  readonly maxConcurrency: number;
  readonly experiment: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Of all jobs. */
  readonly network: Network;
  readonly baseBranch: string;
  /** The name of the repository in CodeCommit, which is asked for the commit of its base branch. */
  readonly codeCommit?: string;
  readonly trials: readonly (CheckedTrial & { readonly processKey: string; readonly trainKey: string; readonly evaluateKey: string })[];
  readonly outputs: readonly string[];
  readonly processing: Stage;
  readonly training: Stage & { readonly metrics: Readonly<Record<string, string>>; readonly maxSpotSeconds?: number };
  readonly evaluation?: Stage & { readonly metrics: Readonly<Record<string, string>> };
  readonly objective: { readonly metricName: string; readonly isLargest: boolean };
}

/** A script in its job. */
interface Stage {
  readonly job: Job;
  readonly roleArn: string;
}

type State = Readonly<Record<string, unknown>>;

/** The definition of the state machine, in Amazon States Language with JSONata. */
export class PipelineDefinition {
  public constructor(private readonly inputs: DefinitionInputs) {}

  public render(): State {
    const { maxConcurrency, trials } = this.inputs;
    return {
      Comment: 'cdk-sagemaker-edge: trials of an experiment, from versioned data to the model that wins',
      QueryLanguage: 'JSONata',
      StartAt: 'Begin',
      States: {
        // The ID of an execution is longer than a job's name may be.
        'Begin': { Type: 'Pass', Assign: { run: jsonata("$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 10)") }, Next: 'Trials' },
        'Trials': {
          Type: 'Map', Items: trials, MaxConcurrency: maxConcurrency,
          ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Find the commit', States: this.trial() },
          Next: 'Choose the winner',
        },
        'Choose the winner': this.choose(),
        'Deliver the winner': this.deliver(),
      },
    };
  }

  private trial(): Record<string, State> {
    const { codeCommit, baseBranch, evaluation } = this.inputs;
    const last = evaluation === undefined ? 'Done' : 'Look for the evaluation';
    const measured = evaluation === undefined ? "'metrics': $trained.metrics"
      : `'metrics': $merge([$trained.metrics, $evaluated.metrics]), 'evaluation': ${this.uri(this.evaluated())}`;
    return {
      'Find the commit': codeCommit === undefined
        // Nobody but CodeCommit can be asked for a commit from here: nothing is found again.
        ? { Type: 'Pass', Assign: { trial: jsonata('$states.input'), base: jsonata('$states.context.Execution.Name') }, Next: 'Look for the data' }
        : this.task('aws-sdk:codecommit:getBranch', { RepositoryName: codeCommit, BranchName: baseBranch }, {
          Assign: { trial: jsonata('$states.input'), base: jsonata('$states.result.Branch.CommitId') }, Next: 'Look for the data',
        }),
      'Look for the data': this.look(resultIn(this.processed()), 'processed', 'Process', 'Look for the model'),
      'Process': this.processingJob('p', this.inputs.processing, {
        inputs: [], arguments: '$trial.processingArguments', output: this.processed(), next: 'Read the result of the processing',
        environment: { EXPERIMENT_STAGE: 'process', DVC_BASE_BRANCH: baseBranch, EXPERIMENT_OUTPUTS: this.inputs.outputs.join(',') },
      }),
      'Read the result of the processing': this.read(resultIn(this.processed()), 'processed', 'Look for the model'),
      'Look for the model': this.look(this.record(), 'trained', 'Train', last),
      'Train': this.trainingJob('Keep the record of the training'),
      'Keep the record of the training': this.task('aws-sdk:s3:putObject', {
        Bucket: this.inputs.bucket, Key: jsonata(this.record()), Body: jsonata('$trained'), ContentType: 'application/json',
      }, { Next: last }),
      ...evaluation === undefined ? {} : this.evaluate(evaluation),
      'Done': {
        Type: 'Pass', End: true,
        Output: jsonata("{'name': $trial.name, 'branch': $trial.branch, 'commit': $processed.commit, 'files': $processed.files, 'trainingJob': $trained.job, "
          + `'model': $trained.model, ${measured}}`),
      },
    };
  }

  private evaluate(stage: Stage & { readonly metrics: Readonly<Record<string, string>> }): Record<string, State> {
    const folder = this.evaluated();
    return {
      'Look for the evaluation': this.look(resultIn(folder), 'evaluated', 'Evaluate', 'Done'),
      'Evaluate': this.processingJob('e', stage, {
        inputs: [
          input('processed', this.uri(this.processed()), 'input/processed'),
          input('model', '$trained.model', 'input/model'),
        ],
        arguments: '[]', output: folder, next: 'Read the evaluation',
        environment: {
          EXPERIMENT_STAGE: 'evaluate', EXPERIMENT_TRAINING_JOB: jsonata('$trained.job'), EXPERIMENT_METRICS: JSON.stringify(stage.metrics),
        },
      }),
      'Read the evaluation': this.read(resultIn(folder), 'evaluated', 'Done'),
    };
  }

  /** A result that is there is no work. */
  private look(key: string, variable: string, missing: string, next: string): State {
    return { ...this.read(key, variable, next), Catch: [{ ErrorEquals: ['S3.NoSuchKeyException', 'S3.NoSuchKey'], Next: missing }] };
  }

  private read(key: string, variable: string, next: string): State {
    return this.task('aws-sdk:s3:getObject', { Bucket: this.inputs.bucket, Key: jsonata(key) }, {
      Assign: { [variable]: jsonata('$parse($states.result.Body)') }, Next: next,
    });
  }

  private processingJob(letter: string, { job, roleArn }: Stage, what: {
    readonly inputs: readonly unknown[]; readonly arguments: string; readonly output: string; readonly next: string;
    readonly environment: Readonly<Record<string, string>>;
  }): State {
    return this.task('sagemaker:createProcessingJob.sync', {
      ProcessingJobName: jsonata(this.jobName(letter)),
      RoleArn: roleArn,
      AppSpecification: {
        ImageUri: job.image,
        ContainerEntrypoint: ['/bin/sh', '-c', `exec python3 ${PROCESSING}/input/code/*.zip "$@"`],
        ContainerArguments: jsonata(`$append(['job'], ${what.arguments})`), // the first one is the name of the shell
      },
      ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: job.instanceType, VolumeSizeInGB: job.volumeGib } },
      StoppingCondition: { MaxRuntimeInSeconds: job.maxSeconds },
      ProcessingInputs: [{
        InputName: 'code',
        S3Input: { S3Uri: job.code.s3Uri, LocalPath: `${PROCESSING}/input/code`, S3DataType: 'S3Prefix', S3InputMode: 'File' },
      }, ...what.inputs],
      ProcessingOutputConfig: {
        Outputs: [{
          OutputName: 'result',
          S3Output: { S3Uri: jsonata(this.uri(what.output)), LocalPath: `${PROCESSING}/output/result`, S3UploadMode: 'EndOfJob' },
        }],
      },
      ...this.isInVpc() ? { NetworkConfig: { VpcConfig: this.vpcConfig() } } : {},
      Environment: this.environment(letter, job, what.environment),
    }, { Next: what.next });
  }

  private trainingJob(next: string): State {
    const { bucket, training: { job, maxSpotSeconds, metrics, roleArn } } = this.inputs;
    const channel = (name: string, uri: string): unknown => ({
      ChannelName: name, DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uri, S3DataDistributionType: 'FullyReplicated' } },
    });
    return this.task('sagemaker:createTrainingJob.sync', {
      TrainingJobName: jsonata(this.jobName('t')),
      RoleArn: roleArn,
      AlgorithmSpecification: {
        TrainingImage: job.image, TrainingInputMode: 'File',
        ContainerEntrypoint: ['/bin/sh', '-c', 'exec python3 /opt/ml/input/data/code/*.zip'],
        MetricDefinitions: Object.entries(metrics).map(([name, expression]) => ({ Name: name, Regex: expression })),
      },
      HyperParameters: jsonata('$trial.hyperparameters'),
      InputDataConfig: [channel('code', job.code.s3Uri), channel('processed', jsonata(this.uri(this.processed())))],
      OutputDataConfig: { S3OutputPath: `s3://${bucket}/${FOLDERS.trained}` },
      ResourceConfig: { InstanceCount: 1, InstanceType: job.instanceType, VolumeSizeInGB: job.volumeGib },
      StoppingCondition: {
        MaxRuntimeInSeconds: job.maxSeconds, ...maxSpotSeconds === undefined ? {} : { MaxWaitTimeInSeconds: maxSpotSeconds },
      },
      ...maxSpotSeconds === undefined ? {} : { EnableManagedSpotTraining: true },
      ...this.isInVpc() ? { VpcConfig: this.vpcConfig() } : {},
      Environment: this.environment('t', job, { EXPERIMENT_STAGE: 'train', EXPERIMENT_METRICS: JSON.stringify(metrics) }),
    }, {
      Assign: {
        trained: jsonata("{'job': $states.result.TrainingJobName, 'model': $states.result.ModelArtifacts.S3ModelArtifacts, "
          + "'metrics': $merge($states.result.FinalMetricDataList.{MetricName: Value})}"),
      },
      Next: next,
    });
  }

  private choose(): State {
    const { isLargest, metricName } = this.inputs.objective;
    const value = (side: string): string => `$lookup(${side}.metrics, ${quoted(metricName)})`;
    const after = `function($l, $r) { ${value('$l')} ${isLargest ? '<' : '>'} ${value('$r')} }`;
    return {
      Type: 'Pass', Assign: { trials: jsonata('$states.input'), winner: jsonata(`$sort($states.input, ${after})[0]`) }, Next: 'Deliver the winner',
    };
  }

  /** By a copy under one key, whose version is what an endpoint and devices are deployed from. */
  private deliver(): State {
    return this.task('aws-sdk:s3:copyObject', {
      Bucket: this.inputs.bucket, Key: WINNER_KEY, CopySource: jsonata("$substringAfter($winner.model, 's3://')"),
    }, {
      Output: jsonata(`{'winner': $winner, 'key': ${quoted(WINNER_KEY)}, 'objectVersion': $states.result.VersionId, 'trials': $trials}`),
      End: true,
    });
  }

  private task(integration: string, parameters: State, rest: State): State {
    return { Type: 'Task', Resource: `arn:${this.inputs.partition}:states:::${integration}`, Arguments: parameters, ...rest };
  }

  private isInVpc(): boolean {
    return this.inputs.network.securityGroups.length > 0;
  }

  private vpcConfig(): State {
    const { securityGroups, subnetIds } = this.inputs.network;
    return { SecurityGroupIds: securityGroups.map(({ securityGroupId }) => securityGroupId), Subnets: subnetIds };
  }

  private environment(letter: string, job: Job, more: Readonly<Record<string, string>>): State {
    return {
      ...this.inputs.environment,
      MLFLOW_EXPERIMENT_NAME: this.inputs.experiment,
      EXPERIMENT_SCRIPT: job.entryPoint,
      EXPERIMENT_TRIAL: jsonata('$trial.name'),
      EXPERIMENT_JOB_NAME: jsonata(this.jobName(letter)),
      DVC_BRANCH: jsonata('$trial.branch'),
      ...more,
    };
  }

  /** A name is used once in an account, for good: an execution that is started again where it failed has another one. */
  private jobName(letter: string): string {
    const again = '$states.context.Execution.RedriveCount';
    return `${quoted(`${this.inputs.jobPrefix}-${letter}-`)} & $trial.name & '-' & $run & (${again} > 0 ? '-' & ${again} : '')`;
  }

  /** The folder of the data that were processed. */
  private processed(): string {
    return `${quoted(`${FOLDERS.processed}/`)} & $trial.processKey & '-' & $base`;
  }

  /** The folder of an evaluation's result. */
  private evaluated(): string {
    return `${quoted(`${FOLDERS.evaluated}/`)} & $trial.evaluateKey & '-' & $trained.job`;
  }

  private record(): string {
    return `${quoted(`${FOLDERS.trained}/`)} & $trial.trainKey & '-' & $processed.commit & '.json'`;
  }

  private uri(key: string): string {
    return `${quoted(`s3://${this.inputs.bucket}/`)} & ${key}`;
  }
}

function input(name: string, uri: string, path: string): unknown {
  return { InputName: name, S3Input: { S3Uri: jsonata(uri), LocalPath: `${PROCESSING}/${path}`, S3DataType: 'S3Prefix', S3InputMode: 'File' } };
}

/** The file with the result of a processing job. */
function resultIn(folder: string): string {
  return `${folder} & '/result.json'`;
}

function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}

/** A text of JSONata. */
function quoted(text: string): string {
  return `'${text}'`;
}
