import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { sortedByKey } from '../../../private/objects';
import { validateInteger, validateText, ValidationError, type TextRule } from '../../../private/validation';
import type { ExperimentPipelineProps, ExperimentTrial } from '../../experiment-pipeline-props';

/** Of `git check-ref-format`, without what a shell or a URL would read. */
const BRANCH: TextRule = { min: 1, max: 200, pattern: /^[\w-]+([./][\w-]+)*$/, wanted: 'letters, digits, _ and -, with dots and slashes between' };
const TRIAL: TextRule = {
  min: 1, max: 20, pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/, wanted: 'letters, digits and hyphens, with neither end a hyphen',
};
const OUTPUT: TextRule = { min: 1, max: 200, pattern: /^[\w-]+([./][\w-]+)*$/, wanted: 'a path in the repository like data/train' };
/** An argument of a container has at most so many characters. */
const ARGUMENT: TextRule = { min: 1, max: 256 };
/** A container has at most 100 arguments, and a name and its value are two. */
const MOST_ARGUMENTS = 49;
const NAME: TextRule = { min: 1, max: 64, pattern: /^[a-zA-Z][\w-]*$/, wanted: 'letters, digits, _ and -, the first one a letter' };
/** The environment variable that has them is no longer in a processing job. */
const MOST_CHARACTERS = 256;

/** A trial with all that the definition says of it. */
export interface CheckedTrial {
  readonly name: string;
  readonly branch: string;
  readonly processingArguments: string[];
  readonly hyperparameters: Record<string, string>;
}

/** Throws for what a job would refuse in the middle of a run. */
export function checkedTrials(scope: Construct, props: ExperimentPipelineProps): CheckedTrial[] {
  const { baseBranch = 'main', evaluation, experimentName, maxConcurrency, objective, processing, training, trials } = props;
  validateText(scope, 'experimentName', experimentName, { ...NAME, max: 120 });
  validateText(scope, 'baseBranch', baseBranch, BRANCH);
  validateInteger(scope, 'maxConcurrency', maxConcurrency, 1, 40);
  if (trials.length < 1 || trials.length > 40) {
    throw new ValidationError(scope, `trials must be 1 to 40, got ${trials.length}`);
  }
  checkOutputs(scope, processing.outputs);
  checkMetrics(scope, 'training', training.metrics);
  checkMetrics(scope, 'evaluation', evaluation?.metrics ?? {});
  const metrics = Object.keys({ ...training.metrics, ...evaluation?.metrics });
  if (!metrics.includes(objective.metricName)) {
    throw new ValidationError(scope, `objective must be a metric of the training or the evaluation, which are ${metrics.join(', ')}, got '${objective.metricName}'`);
  }
  const checked = trials.map((trial) => checkedTrial(scope, trial));
  for (const [what, values] of [['trialName', checked.map(({ name }) => name)], ['branch', checked.map(({ branch }) => branch)]] as const) {
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) {
      throw new ValidationError(scope, `${what} of a trial must be its own, got '${twice}' twice`);
    }
  }
  checkRegistration(scope, props);
  const onBase = checked.find(({ branch }) => branch === baseBranch);
  if (onBase !== undefined) {
    throw new ValidationError(scope, `branch of the trial '${onBase.name}' must be another than baseBranch, got '${baseBranch}' for both`);
  }
  return checked;
}

function checkedTrial(scope: Construct, trial: ExperimentTrial): CheckedTrial {
  const { branch = trial.trialName, hyperparameters = {}, processingArguments = {}, trialName } = trial;
  validateText(scope, 'trialName', trialName, TRIAL);
  validateText(scope, `branch of the trial '${trialName}'`, branch, BRANCH);
  checkArguments(scope, `the trial '${trialName}'`, 'processing argument', processingArguments);
  checkArguments(scope, `the trial '${trialName}'`, 'hyperparameter', hyperparameters);
  return {
    name: trialName,
    branch,
    processingArguments: commandLine(processingArguments),
    hyperparameters: sortedByKey(hyperparameters),
  };
}

function checkArguments(scope: Construct, who: string, what: string, values: Readonly<Record<string, string>>): void {
  if (Object.keys(values).length > MOST_ARGUMENTS) {
    throw new ValidationError(scope, `${who} must have at most ${MOST_ARGUMENTS} ${what}s, got ${Object.keys(values).length}`);
  }
  for (const [name, value] of Object.entries(values)) {
    validateText(scope, `name of a ${what}`, name, NAME);
    validateText(scope, `${what} '${name}'`, value, ARGUMENT);
  }
}

/** `{ 'a': '1' }` as `--a 1`, in the order of the names. */
export function commandLine(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(sortedByKey(values)).flatMap(([name, value]) => [`--${name}`, value]);
}

function checkRegistration(scope: Construct, { registration, tracking }: ExperimentPipelineProps): void {
  if (registration === undefined) {
    return;
  }
  if (tracking === undefined) {
    throw new ValidationError(scope, 'registration must have tracking beside it, whose MLflow it registers in, got none');
  }
  checkArguments(scope, 'the registration', 'script argument', registration.scriptArguments ?? {});
}

function checkOutputs(scope: Construct, outputs: readonly string[]): void {
  if (outputs.length === 0) {
    throw new ValidationError(scope, 'outputs of the processing must be at least one path, got none');
  }
  for (const output of outputs) {
    validateText(scope, 'an output of the processing', output, OUTPUT);
  }
  if (outputs.join(',').length > MOST_CHARACTERS) {
    throw new ValidationError(scope, `outputs of the processing must have at most ${MOST_CHARACTERS} characters together, got ${outputs.join(',').length}: give folders`);
  }
}

function checkMetrics(scope: Construct, stage: string, metrics: Readonly<Record<string, string>>): void {
  const entries = Object.entries(metrics);
  if (stage === 'training' && entries.length === 0) {
    throw new ValidationError(scope, 'metrics of the training must be at least one, got none');
  }
  if (entries.length > 40) {
    throw new ValidationError(scope, `metrics of the ${stage} must be at most 40, got ${entries.length}`);
  }
  for (const [name, expression] of entries) {
    validateText(scope, `name of a metric of the ${stage}`, name, { ...NAME, max: 255 });
    validateText(scope, `regular expression of the metric '${name}'`, expression, { min: 1, max: 500 });
    if (!Token.isUnresolved(expression) && groups(scope, name, expression) !== 1) {
      throw new ValidationError(scope, `regular expression of the metric '${name}' must have one group, got '${expression}'`);
    }
  }
  const most = stage === 'training' ? 512 : MOST_CHARACTERS;
  const { length } = JSON.stringify(sortedByKey(metrics));
  if (length > most) {
    throw new ValidationError(scope, `metrics of the ${stage} must have at most ${most} characters together as JSON, which is what an environment variable of the job holds, got ${length}`);
  }
}

/** How many groups an expression has: what matches nothing else matches the empty alternative. */
function groups(scope: Construct, name: string, expression: string): number {
  try {
    return (new RegExp(`${expression}|`).exec('')?.length ?? 1) - 1;
  } catch (error) {
    throw new ValidationError(scope, `regular expression of the metric '${name}' must be one, got '${expression}': ${error instanceof Error ? error.message : ''}`);
  }
}
