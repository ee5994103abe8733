import { Duration, Size, Token, type aws_iam as iam } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { validateText, ValidationError } from '../../../private/validation';
import { ExperimentContainer } from '../../experiment-container';
import type { ExperimentScript } from '../../experiment-pipeline-props';
import { JobCode } from './job-code';

/** SageMaker's `MaxRuntimeInSeconds` of a processing job; a training job may have more. */
const LONGEST = Duration.days(5);
/** SageMaker's `VolumeSizeInGB`. */
const LARGEST = Size.gibibytes(16384);

/** A script, checked, with its code and its image. */
export class Job extends Construct {
  public readonly entryPoint: string;
  public readonly image: string;
  public readonly instanceType: string;
  public readonly volumeGib: number;
  public readonly maxSeconds: number;
  public readonly code: JobCode;

  public constructor(scope: Construct, id: string, script: ExperimentScript, role: iam.IRole) {
    super(scope, id);
    this.instanceType = script.instanceType ?? 'ml.m5.large';
    validateText(this, 'instanceType', this.instanceType, { pattern: /^ml\.[a-z0-9-]+\.[a-z0-9-]+$/, wanted: "a type like 'ml.m5.large'" });
    this.volumeGib = (script.volumeSize ?? Size.gibibytes(30)).toGibibytes();
    if (!Token.isUnresolved(this.volumeGib) && (this.volumeGib < 1 || this.volumeGib > LARGEST.toGibibytes())) {
      throw new ValidationError(this, `volumeSize must be 1 to ${LARGEST.toGibibytes()} GiB, got ${this.volumeGib}`);
    }
    this.maxSeconds = secondsOf(this, 'maxRuntime', script.maxRuntime ?? Duration.hours(1));
    validateText(this, 'entryPoint', script.entryPoint, {
      min: 1, max: 200, pattern: /^[\w-]+([./][\w-]+)*\.py$/, wanted: "a Python file of the folder like 'train.py'",
    });
    this.entryPoint = script.entryPoint;
    this.code = new JobCode(this, 'Code', script.folder, script.entryPoint);
    const image = (script.container ?? ExperimentContainer.SCIKIT_LEARN_1_4)._bind(this);
    this.image = image.uri;
    image.grantPull(role);
    this.code.grantRead(role);
  }
}

/** Whole seconds between a minute and five days. */
export function secondsOf(scope: Construct, what: string, duration: Duration): number {
  if (duration.isUnresolved()) {
    return duration.toSeconds();
  }
  const seconds = duration.toSeconds({ integral: false });
  if (seconds < 60 || seconds > LONGEST.toSeconds() || !Number.isInteger(seconds)) {
    throw new ValidationError(scope, `${what} must be 1 minute to 5 days in whole seconds, got ${duration.toHumanString()}`);
  }
  return seconds;
}
