import type { aws_ec2 as ec2, aws_s3 as s3, Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { DvcStore } from './dvc-store';
import type { ExperimentContainer } from './experiment-container';
import type { ExperimentObjective } from './experiment-objective';
import type { IExperimentTracking } from './experiment-tracking';

/**
 * A script that runs in a job of SageMaker. Its working directory is a clone of the repository, with the data of the commit, but for a
 * registration.
 */
export interface ExperimentScript {
  /**
   * The folder of the script: at most 100 MiB. All of it is at hand when the script runs. A `requirements.txt` at its root is installed
   * before; it must name `dvc` and `dvc-s3`, `git-remote-codecommit` for CodeCommit, and `mlflow` with `sagemaker-mlflow` for tracking, as
   * far as the image has not got them. A registration needs the last two alone.
   */
  readonly folder: string;

  /** The script, relative to the folder: `train.py`. */
  readonly entryPoint: string;

  /**
   * The image that the script runs in.
   * @default ExperimentContainer.SCIKIT_LEARN_1_4
   */
  readonly container?: ExperimentContainer;

  /**
   * The type of the instance, for example `ml.m5.xlarge`.
   * @default 'ml.m5.large'
   */
  readonly instanceType?: string;

  /**
   * The size of the instance's volume, which holds a clone of the data: 1 GiB to 16 TiB.
   * @default Size.gibibytes(30)
   */
  readonly volumeSize?: Size;

  /**
   * How long the script may run: 1 minute to 5 days.
   * @default Duration.hours(1)
   */
  readonly maxRuntime?: Duration;
}

/** The script that makes a trial's data. It gets the arguments of the trial. */
export interface ExperimentProcessing extends ExperimentScript {
  /** What the script writes, relative to the repository: files or folders. They are added to DVC, and committed to the trial's branch. */
  readonly outputs: string[];
}

/** The script that trains. It gets the hyperparameters of the trial as arguments, and writes its model to the folder `SM_MODEL_DIR`. */
export interface ExperimentTraining extends ExperimentScript {
  /**
   * What the script prints, as a regular expression with one group, by the metric's name: at most 40. A script that prints no value for one
   * of them has failed.
   */
  readonly metrics: Record<string, string>;

  /**
   * Train on spot capacity, and wait for it at most that long, the run of the script included. Interrupted, the script starts anew.
   * @default - on demand
   */
  readonly maxSpotWait?: Duration;
}

/** The script that measures a model with the data of its commit. The model's files are in the folder `SM_MODEL_DIR`. */
export interface ExperimentEvaluation extends ExperimentScript {
  /** What the script prints, as a regular expression with one group, by the metric's name. */
  readonly metrics: Record<string, string>;
}

/**
 * The script that registers the model that won, for example in MLflow's model registry by MLflow's own client. It runs after the winner
 * was copied to its key. Its working directory is its own folder; it has no clone of the repository. Its environment:
 *
 * - `MLFLOW_TRACKING_URI`, `MLFLOW_EXPERIMENT_NAME`: where the runs are.
 * - `MLFLOW_RUN_ID`: the run of the winner's training. It is not set where MLflow has none, since it did not answer then.
 * - `EXPERIMENT_TRIAL`, `EXPERIMENT_TRAINING_JOB`: the names of the trial and of its training job.
 * - `EXPERIMENT_MODEL_URI`: the archive of the model, as the training job wrote it: `s3://…/model.tar.gz`.
 * - `EXPERIMENT_OBJECT_VERSION`: the version of its copy, which `winnerModel` of the pipeline takes.
 * - `DVC_BRANCH`, `DVC_COMMIT`: the branch of the trial, and the commit of the data that trained the model.
 * - `SM_MODEL_DIR`: a folder with the files of the model.
 * - `SM_OUTPUT_DATA_DIR`: a folder for what is to be kept. The file `registered.json` there, an object of at most 16 KiB, becomes
 *   `registered` in the output of the execution.
 *
 * What was registered last is not registered again by the same script. A winner that was registered before the last one is: the script
 * must find its version instead of making a second one. A script that fails fails the execution with its last lines. The copy of the
 * winner stays, and an execution that is started again where it failed begins with the registration.
 */
export interface ExperimentRegistration extends ExperimentScript {
  /**
   * Arguments of the script: `{ 'model-name': 'houses' }` is `--model-name houses`.
   * @default - no arguments
   */
  readonly scriptArguments?: Record<string, string>;
}

/** A trial: data made in one way, and a model trained with them. */
export interface ExperimentTrial {
  /** The name of the trial: 1 to 20 letters, digits and hyphens. */
  readonly trialName: string;

  /**
   * The branch that the trial's data are committed to. It is made where there is none. No other trial has it.
   * @default - the name of the trial
   */
  readonly branch?: string;

  /**
   * Arguments of the processing script: `{ 'train-test-split-ratio': '0.2' }` is `--train-test-split-ratio 0.2`.
   * @default - no arguments
   */
  readonly processingArguments?: Record<string, string>;

  /**
   * Hyperparameters: arguments of the training script.
   * @default - no hyperparameters
   */
  readonly hyperparameters?: Record<string, string>;
}

/** Properties of an `ExperimentPipeline`. */
export interface ExperimentPipelineProps {
  /** The data, and their repository. */
  readonly store: DvcStore;

  /** The script that makes the data of a trial. */
  readonly processing: ExperimentProcessing;

  /** The script that trains a model. */
  readonly training: ExperimentTraining;

  /**
   * The script that evaluates a model.
   * @default - trials are compared by the metrics of the training script
   */
  readonly evaluation?: ExperimentEvaluation;

  /**
   * The script that registers the winner. It needs `tracking`.
   * @default - the winner is not registered
   */
  readonly registration?: ExperimentRegistration;

  /** The trials: 1 to 40. Each is a run of the experiment. */
  readonly trials: ExperimentTrial[];

  /** Which trial wins. */
  readonly objective: ExperimentObjective;

  /**
   * Where runs are tracked.
   * @default - runs are not tracked
   */
  readonly tracking?: IExperimentTracking;

  /**
   * The name of the experiment in MLflow: 1 to 120 letters, digits and hyphens.
   * @default - made of the names of the stack and of the construct
   */
  readonly experimentName?: string;

  /**
   * The branch with the raw data and with what each trial begins with.
   * @default 'main'
   */
  readonly baseBranch?: string;

  /**
   * How many trials run at a time: 1 to 40.
   * @default - all of them
   */
  readonly maxConcurrency?: number;

  /**
   * The VPC that the machines of all jobs are attached to. The jobs need a way to the git repository, to PyPI or a mirror of it unless the
   * images have all packages, to the tracking, and to S3: a NAT gateway, or VPC endpoints.
   * @default - jobs are not attached to a VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC: 1 to 16. It needs `vpc`.
   * @default - the default selection of the VPC: its private subnets, if it has some
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the machines: 1 to 5. They need `vpc`.
   * @default - with a VPC, one security group is made that allows all outbound and no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The bucket of models and results. It must keep versions, by which a new winner is told from an older one.
   * @default - a private bucket is made that keeps versions
   */
  readonly artifactBucket?: s3.IBucket;

  /**
   * What happens to the bucket that is made when it is removed from the stack. `DESTROY` also deletes its objects.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
