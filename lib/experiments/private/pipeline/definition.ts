import type { DefinitionInputs, Evaluation, Registration, Stage } from './definition-inputs';
import { jsonata, quoted } from './expressions';
import type { Job } from './jobs';
import { FOLDERS, LAST_REGISTRATION, WINNER_KEY } from './places';

/** SageMaker mounts what it downloads below this folder. */
const PROCESSING = '/opt/ml/processing';

type State = Readonly<Record<string, unknown>>;

/** The definition of the state machine, in Amazon States Language with JSONata. */
export class PipelineDefinition {
  public constructor(private readonly inputs: DefinitionInputs) {}

  public render(): State {
    const { maxConcurrency, registration, trials } = this.inputs;
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
        ...registration === undefined ? {} : this.register(registration),
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
        inputs: [], arguments: jsonata("$append(['job'], $trial.processingArguments)"), output: this.processed(), next: 'Read the result of the processing',
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

  private evaluate(stage: Evaluation): Record<string, State> {
    const folder = this.evaluated();
    return {
      'Look for the evaluation': this.look(resultIn(folder), 'evaluated', 'Evaluate', 'Done'),
      'Evaluate': this.processingJob('e', stage, {
        inputs: [
          input('processed', this.uri(this.processed()), 'input/processed'),
          input('model', '$trained.model', 'input/model'),
        ],
        arguments: ['job'], output: folder, next: 'Read the evaluation',
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
    /** The first one is the name of the shell. */
    readonly arguments: string | readonly string[];
    readonly inputs: readonly unknown[]; readonly output: string; readonly next: string;
    readonly environment: Readonly<Record<string, string>>;
    /** The variable of the trial. */
    readonly trial?: string;
  }): State {
    return this.task('sagemaker:createProcessingJob.sync', {
      ProcessingJobName: jsonata(this.jobName(letter, what.trial)),
      RoleArn: roleArn,
      AppSpecification: {
        ImageUri: job.image,
        ContainerEntrypoint: ['/bin/sh', '-c', `exec python3 ${PROCESSING}/input/code/*.zip "$@"`],
        ContainerArguments: what.arguments,
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
      Environment: this.environment(letter, job, what.environment, what.trial),
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
    }, this.inputs.registration === undefined ? {
      Output: jsonata(`{${this.told('$states.result.VersionId')}}`), End: true,
    } : { Assign: { objectVersion: jsonata('$states.result.VersionId') }, Next: 'Look for the registration' });
  }

  /**
   * What was registered last is not registered again. Where another winner was registered in between, it is: a script moves its alias back.
   */
  private register(stage: Registration): Record<string, State> {
    const folder = `${quoted(`${FOLDERS.registered}/${stage.key}-`)} & $winner.trainingJob`;
    const tracking = quoted(stage.trackingUri);
    return {
      'Look for the registration': this.look(quoted(LAST_REGISTRATION), 'registration', 'Register', 'Compare with the last registration'),
      'Compare with the last registration': {
        Type: 'Choice',
        Choices: [{ Condition: jsonata(`$registration.folder = ${folder} and $registration.tracking = ${tracking}`), Next: 'Registered' }],
        Default: 'Register',
      },
      'Register': this.processingJob('r', stage, {
        inputs: [input('model', '$winner.model', 'input/model')],
        arguments: ['job', ...stage.arguments], output: folder, next: 'Read the registration', trial: '$winner',
        environment: {
          EXPERIMENT_STAGE: 'register', EXPERIMENT_TRAINING_JOB: jsonata('$winner.trainingJob'), EXPERIMENT_MODEL_URI: jsonata('$winner.model'),
          EXPERIMENT_OBJECT_VERSION: jsonata('$objectVersion'), DVC_COMMIT: jsonata('$winner.commit'),
        },
      }),
      'Read the registration': this.read(resultIn(folder), 'registration', 'Keep the record of the registration'),
      'Keep the record of the registration': this.task('aws-sdk:s3:putObject', {
        Bucket: this.inputs.bucket, Key: LAST_REGISTRATION, ContentType: 'application/json',
        Body: jsonata(`{'folder': ${folder}, 'tracking': ${tracking}, 'registered': $registration.registered}`),
      }, { Next: 'Registered' }),
      'Registered': { Type: 'Pass', End: true, Output: jsonata(`{${this.told('$objectVersion')}, 'registered': $registration.registered}`) },
    };
  }

  /** Members of what an execution says. */
  private told(objectVersion: string): string {
    return `'winner': $winner, 'key': ${quoted(WINNER_KEY)}, 'objectVersion': ${objectVersion}, 'trials': $trials`;
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

  private environment(letter: string, job: Job, more: Readonly<Record<string, string>>, trial = '$trial'): State {
    return {
      ...this.inputs.environment,
      MLFLOW_EXPERIMENT_NAME: this.inputs.experiment,
      EXPERIMENT_SCRIPT: job.entryPoint,
      EXPERIMENT_TRIAL: jsonata(`${trial}.name`),
      EXPERIMENT_JOB_NAME: jsonata(this.jobName(letter, trial)),
      DVC_BRANCH: jsonata(`${trial}.branch`),
      ...more,
    };
  }

  /** A name is used once in an account, for good: an execution that is started again where it failed has another one. */
  private jobName(letter: string, trial = '$trial'): string {
    const again = '$states.context.Execution.RedriveCount';
    return `${quoted(`${this.inputs.jobPrefix}-${letter}-`)} & ${trial}.name & '-' & $run & (${again} > 0 ? '-' & ${again} : '')`;
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
