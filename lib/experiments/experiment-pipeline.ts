import {
  aws_ec2 as ec2, aws_iam as iam, aws_stepfunctions as sfn, Stack, Token, type aws_s3 as s3, type Duration,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { grantExecutions } from '../jobs/executions';
import { selectNetwork, type Network } from '../jobs/network';
import { defaultJobRole, grantJobLogs, grantMetrics, grantVpc } from '../jobs/role';
import { ModelSource, type BucketModelOptions } from '../model/model-source';
import { acknowledge, acknowledgeGranted, acknowledgeWildcards } from '../private/nag/acknowledge';
import { generatedName, shortHash } from '../private/naming';
import { sortedByKey } from '../private/objects';
import { ValidationError } from '../private/validation';
import type { ExperimentPipelineProps, ExperimentScript } from './experiment-pipeline-props';
import { grantKeyUse } from '../private/key-use';
import { givenOrMadeBucket } from './private/made-bucket';
import { checkedTrials, commandLine, type CheckedTrial } from './private/pipeline/checked-props';
import { PipelineDefinition } from './private/pipeline/definition';
import { Job, secondsOf } from './private/pipeline/jobs';
import { FOLDERS, LAST_REGISTRATION, MODELS, RECORDS, RESULTS, WINNER_KEY } from './private/pipeline/places';

/** The rules that Step Functions makes in EventBridge, to hear of the end of a job. */
const RULES = ['StepFunctionsGetEventsForSageMakerProcessingJobsRule', 'StepFunctionsGetEventsForSageMakerTrainingJobsRule'];

/**
 * An experiment: trials that make data in different ways, train a model with them, and are compared.
 *
 * Each execution of the state machine runs all trials. A trial processes the data of the base branch, commits the result to a branch of
 * its own with DVC, trains with just that commit, and is evaluated. Each is a run in MLflow, with the commit of its data. The model that
 * wins is copied to one key of the artifact bucket: give its version to an endpoint by `winnerModel`, or to `OnnxModel.fromBucket`. Then a
 * script of yours registers it, where there is a `registration`.
 *
 * With a repository in CodeCommit, what was done with the same commit, scripts and arguments is not done again. The scripts alone are
 * compared, not what a tag of an image or an open requirement stands for.
 */
export class ExperimentPipeline extends Construct implements ec2.IConnectable {
  /** The state machine, of which each execution runs all trials. Its output names the winner. */
  public readonly stateMachine: sfn.IStateMachine;

  /** The bucket of models and results. */
  public readonly artifactBucket: s3.IBucket;

  /** The key of the model that won: an archive with what the training script wrote to `SM_MODEL_DIR`. */
  public readonly winnerKey: string;

  /** The role of processing jobs. It may push. */
  public readonly processingRole: iam.IRole;

  /** The role of training jobs. It may pull. */
  public readonly trainingRole: iam.IRole;

  /** The role of evaluations. It may pull. Undefined where there is none. */
  public readonly evaluationRole?: iam.IRole;

  /** The role of registrations. It may read models and track. Undefined where there is none. */
  public readonly registrationRole?: iam.IRole;

  private readonly machine: sfn.StateMachine;
  private readonly network: Network;

  public constructor(scope: Construct, id: string, props: ExperimentPipelineProps) {
    super(scope, id);
    const trials = checkedTrials(this, props);
    this.artifactBucket = givenOrMadeBucket(this, 'Artifacts', { artifactBucket: props.artifactBucket }, {
      removalPolicy: props.removalPolicy, versioned: true,
    });
    this.winnerKey = WINNER_KEY;
    this.processingRole = this.roleOf('Processing', 'ProcessingJobs', [FOLDERS.processed]);
    this.trainingRole = this.roleOf('Training', 'TrainingJobs', [FOLDERS.trained]);
    this.evaluationRole = props.evaluation && this.roleOf('Evaluation', 'ProcessingJobs', [FOLDERS.evaluated]);
    this.registrationRole = props.registration && this.roleOf('Registration', 'ProcessingJobs', [FOLDERS.registered]);
    this.network = selectNetwork(this, props, 'Jobs of an experiment');
    this.grantJobs(props);
    const jobPrefix = generatedName(this, 'Job', 24).toLowerCase();
    this.machine = new sfn.StateMachine(this, 'Resource', {
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(this.definition(props, trials, jobPrefix).render())),
      comment: 'cdk-sagemaker-edge: trials of an experiment',
    });
    this.stateMachine = this.machine;
    this.grantMachine(props, jobPrefix);
    for (const rule of ['AwsSolutions-SF1', 'AwsSolutions-SF2']) {
      acknowledge(this.machine, rule, 'what a trial did is in the logs of its jobs, in MLflow and in the artifact bucket');
    }
  }

  /** The network connections of the jobs' machines. Reading them fails unless `vpc` is given. */
  public get connections(): ec2.Connections {
    const { securityGroups } = this.network;
    if (securityGroups.length === 0) {
      throw new ValidationError(this, 'connections are there only where vpc is given, got none');
    }
    return new ec2.Connections({ securityGroups: [...securityGroups] });
  }

  /** Grants to start executions, and to see and stop them. */
  public grantStart(grantee: iam.IGrantable): iam.Grant {
    return grantExecutions(this, this.machine, grantee);
  }

  /** Returns the shell command that runs all trials. It needs the AWS CLI. */
  public startCommand(): string {
    return `aws stepfunctions start-execution --region ${Stack.of(this).region} --state-machine-arn ${this.machine.stateMachineArn}`;
  }

  /**
   * Returns the model that won, for the container of an endpoint. Give the `objectVersion` that an execution's output names: a new winner
   * is deployed when it is changed.
   */
  public winnerModel(options: BucketModelOptions = {}): ModelSource {
    return ModelSource.fromBucket(this.artifactBucket, this.winnerKey, options);
  }

  /** Reads and writes are by folder: the results of one stage are not those of another. */
  private roleOf(id: string, group: string, folders: readonly string[]): iam.Role {
    const role = defaultJobRole(new Construct(this, id), `SageMaker runs the ${id.toLowerCase()} of an experiment with it`);
    grantJobLogs(role, group, 'the log group that SageMaker makes for jobs of one kind, and its streams');
    grantMetrics(role);
    this.grantObjects(role, ['s3:PutObject', 's3:AbortMultipartUpload'], folders.map(allIn));
    grantKeyUse(role, this.artifactBucket, 'write');
    return role;
  }

  private jobRoles(): iam.IRole[] {
    return [this.processingRole, this.trainingRole, this.evaluationRole, this.registrationRole].filter((role) => role !== undefined);
  }

  private grantJobs({ store, tracking }: ExperimentPipelineProps): void {
    const { securityGroups, subnetIds } = this.network;
    if (securityGroups.length > 0) {
      for (const role of this.jobRoles()) {
        grantVpc(role, subnetIds, securityGroups);
      }
    }
    store.grantPush(this.processingRole);
    store.grantPull(this.trainingRole);
    this.grantRead(this.trainingRole, [FOLDERS.processed], [allIn(FOLDERS.processed)]);
    tracking?.grantTrack(this.trainingRole);
    if (this.evaluationRole !== undefined) {
      store.grantPull(this.evaluationRole);
      this.grantRead(this.evaluationRole, [FOLDERS.processed, FOLDERS.trained], [allIn(FOLDERS.processed), MODELS]);
      tracking?.grantTrack(this.evaluationRole);
    }
    if (this.registrationRole !== undefined) {
      this.grantRead(this.registrationRole, [FOLDERS.trained], [MODELS]);
      tracking?.grantTrack(this.registrationRole);
    }
  }

  private grantMachine(props: ExperimentPipelineProps, jobPrefix: string): void {
    const { machine } = this;
    const stack = Stack.of(this);
    const { codeCommit } = props.store._repository;
    const { evaluation, registration } = props;
    const told = [
      FOLDERS.processed, ...evaluation === undefined ? [] : [FOLDERS.evaluated], ...registration === undefined ? [] : [FOLDERS.registered],
    ];
    const last = registration === undefined ? [] : [LAST_REGISTRATION];
    this.grantRead(machine, [...told, FOLDERS.trained], [...told.map((folder) => `${folder}/${RESULTS}`), RECORDS, MODELS, ...last]);
    this.grantObjects(machine, ['s3:PutObject'], [RECORDS, WINNER_KEY, ...last]);
    grantKeyUse(machine, this.artifactBucket, 'write');
    if (codeCommit !== undefined) {
      machine.addToRolePolicy(new iam.PolicyStatement({ actions: ['codecommit:GetBranch'], resources: [codeCommit.arn] }));
    }
    for (const [kind, resource] of [['Processing', 'processing-job'], ['Training', 'training-job']] as const) {
      const jobs = stack.formatArn({ service: 'sagemaker', resource, resourceName: `${jobPrefix}-*` });
      machine.addToRolePolicy(new iam.PolicyStatement({
        // Step Functions tags what it waits for.
        actions: [`sagemaker:Create${kind}Job`, `sagemaker:Describe${kind}Job`, `sagemaker:Stop${kind}Job`, 'sagemaker:AddTags', 'sagemaker:ListTags'],
        resources: [jobs],
      }));
      acknowledgeWildcards(machine, 'the jobs of one pipeline, named by trial and execution', jobs);
    }
    machine.addToRolePolicy(new iam.PolicyStatement({
      actions: ['iam:PassRole'], resources: this.jobRoles().map(({ roleArn }) => roleArn),
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    }));
    machine.addToRolePolicy(new iam.PolicyStatement({
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: RULES.map((resourceName) => stack.formatArn({ service: 'events', resource: 'rule', resourceName })),
    }));
  }

  /** Without the right to list, S3 answers that access is denied where an object is missing. */
  private grantRead(grantee: iam.IGrantable, folders: readonly string[], keys: readonly string[]): void {
    this.grantObjects(grantee, ['s3:GetObject'], keys);
    iam.Grant.addToPrincipal({
      grantee, actions: ['s3:ListBucket'], resourceArns: [this.artifactBucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': folders.map(allIn) } },
    });
  }

  /** `keys`: with `*` for what is not known at synth. */
  private grantObjects(grantee: iam.IGrantable, actions: string[], keys: readonly string[]): void {
    const arns = (some: readonly string[]): string[] => some.map((key) => this.artifactBucket.arnForObjects(key));
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns: arns(keys) });
    const open = keys.filter((key) => key.includes('*'));
    acknowledgeGranted(grantee, 'the results of one stage, named by the hash of their inputs', ...arns(open));
  }

  /** The wait includes the run. */
  private spotSecondsOf(wait: Duration, { maxSeconds }: Job): number {
    const seconds = secondsOf(this, 'maxSpotWait', wait);
    if (!Token.isUnresolved(seconds) && !Token.isUnresolved(maxSeconds) && seconds < maxSeconds) {
      throw new ValidationError(this, `maxSpotWait must be at least maxRuntime, ${maxSeconds} s, got ${seconds} s`);
    }
    return seconds;
  }

  private definition(props: ExperimentPipelineProps, trials: readonly CheckedTrial[], jobPrefix: string): PipelineDefinition {
    const { baseBranch = 'main', evaluation, objective, registration, store, tracking, training } = props;
    const experiment = props.experimentName ?? generatedName(this, 'Experiment');
    const stage = (id: string, script: ExperimentScript, role: iam.IRole) => (
      { job: new Job(this, `${id}Job`, script, role), roleArn: role.roleArn }
    );
    const processing = stage('Processing', props.processing, this.processingRole);
    const trained = stage('Training', training, this.trainingRole);
    const evaluated = evaluation && this.evaluationRole && {
      job: new Job(this, 'EvaluationJob', evaluation, this.evaluationRole), roleArn: this.evaluationRole.roleArn, metrics: sortedByKey(evaluation.metrics),
    };
    const registered = registration && this.registrationRole && {
      ...stage('Registration', registration, this.registrationRole), arguments: commandLine(registration.scriptArguments ?? {}),
    };
    return new PipelineDefinition({
      partition: Stack.of(this).partition,
      jobPrefix,
      bucket: this.artifactBucket.bucketName,
      maxConcurrency: props.maxConcurrency ?? trials.length,
      experiment,
      environment: {
        ...store._repository.environment,
        DVC_REMOTE_NAME: store.remoteName,
        DVC_REMOTE_URL: store.remoteUrl,
        USER: 'experiment',
        ...tracking === undefined ? {} : { MLFLOW_TRACKING_URI: tracking.trackingUri },
      },
      network: this.network,
      baseBranch,
      codeCommit: store._repository.codeCommit?.name,
      trials: trials.map((trial) => {
        const processKey = keyOf(processing.job, [trial.branch, baseBranch, props.processing.outputs, trial.processingArguments]);
        const trainKey = keyOf(trained.job, [trial.name, trial.hyperparameters, training.metrics, experiment]);
        return { ...trial, processKey, trainKey, evaluateKey: evaluated === undefined ? '' : keyOf(evaluated.job, [evaluated.metrics]) };
      }),
      outputs: props.processing.outputs,
      processing,
      training: {
        ...trained,
        metrics: sortedByKey(training.metrics),
        ...training.maxSpotWait === undefined ? {} : { maxSpotSeconds: this.spotSecondsOf(training.maxSpotWait, trained.job) },
      },
      evaluation: evaluated,
      registration: registered && tracking && {
        ...registered, key: keyOf(registered.job, [registered.arguments, experiment]), trackingUri: tracking.trackingUri,
      },
      objective,
    });

    /** All that changes what a job makes, but for the commit of its data. */
    function keyOf(job: Job, more: readonly unknown[]): string {
      return shortHash(JSON.stringify(Stack.of(job).resolve([job.code.sha256, job.entryPoint, job.image, more])), 16);
    }
  }
}

function allIn(folder: string): string {
  return `${folder}/*`;
}
