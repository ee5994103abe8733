import { Duration, Size } from 'aws-cdk-lib';
import { ExperimentObjective, type ExperimentPipelineProps } from '../../../lib';
import { PROCESSING, REGISTRATION, stackWith, TRAINING } from './pipeline-stack';

test.each<[string, Partial<ExperimentPipelineProps>, string]>([
  ['there is no trial', { trials: [] }, 'trials must be 1 to 40, got 0'],
  ['two trials have one name', { trials: [{ trialName: 'a' }, { trialName: 'a', branch: 'b' }] }, "trialName of a trial must be its own, got 'a' twice"],
  ['two trials have one branch', { trials: [{ trialName: 'a' }, { trialName: 'b', branch: 'a' }] }, "branch of a trial must be its own, got 'a' twice"],
  ['a trial has the base branch', { trials: [{ trialName: 'main' }] }, "branch of the trial 'main' must be another than baseBranch, got 'main' for both"],
  ['a branch is none for git', { trials: [{ trialName: 'a', branch: '../a' }] }, "branch of the trial 'a' must be letters, digits, _ and -, with dots"],
  ['a trial has a long name', { trials: [{ trialName: 'a'.repeat(21) }] }, 'trialName must have 1 to 20 characters, got 21'],
  ['an argument has no name', { trials: [{ trialName: 'a', processingArguments: { '--x': '1' } }] }, "name of a processing argument must be letters, digits, _ and -"],
  ['an argument is long', { trials: [{ trialName: 'a', hyperparameters: { x: 'y'.repeat(257) } }] }, "hyperparameter 'x' must have 1 to 256 characters, got 257"],
  ['there are many arguments', {
    trials: [{ trialName: 'a', hyperparameters: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, '1'])) }],
  }, "the trial 'a' must have at most 49 hyperparameters, got 50"],
  ['there is no output', { processing: { ...PROCESSING, outputs: [] } }, 'outputs of the processing must be at least one path, got none'],
  ['an output is outside of the repository', { processing: { ...PROCESSING, outputs: ['../x'] } }, "an output of the processing must be a path in the repository like data/train, got '../x'"],
  ['the outputs are long', { processing: { ...PROCESSING, outputs: ['a'.repeat(200), 'b'.repeat(100)] } }, 'outputs of the processing must have at most 256 characters together, got 301: give folders'],
  ['there is no metric', { training: { ...TRAINING, metrics: {} } }, 'metrics of the training must be at least one, got none'],
  ['there are many metrics', {
    training: { ...TRAINING, metrics: Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`m${index}`, '(.)'])) },
  }, 'metrics of the training must be at most 40, got 41'],
  ['an expression has no group', { training: { ...TRAINING, metrics: { error: 'error' } } }, "regular expression of the metric 'error' must have one group, got 'error'"],
  ['an expression is none', { training: { ...TRAINING, metrics: { error: '(' } } }, "regular expression of the metric 'error' must be one, got '('"],
  ['the metrics are long', { training: { ...TRAINING, metrics: { error: `(${'a'.repeat(490)})`, other: '(b)' } } }, 'metrics of the training must have at most 512 characters together as JSON'],
  ['the objective is no metric', { objective: ExperimentObjective.minimize('loss') }, "objective must be a metric of the training or the evaluation, which are error, got 'loss'"],
  ['there are too many at a time', { maxConcurrency: 41 }, 'maxConcurrency must be a whole number from 1 to 40, got 41'],
  ['the experiment has a blank in its name', { experimentName: 'my houses' }, "experimentName must be letters, digits, _ and -, the first one a letter, got 'my houses'"],
  ['a registration has no tracking', { registration: REGISTRATION, tracking: undefined }, 'registration must have tracking beside it, whose MLflow it registers in, got none'],
  ['an argument of the registration is none', {
    registration: { ...REGISTRATION, scriptArguments: { 'a b': '1' } },
  }, "name of a script argument must be letters, digits, _ and -, the first one a letter, got 'a b'"],
  ['there are many arguments of the registration', {
    registration: { ...REGISTRATION, scriptArguments: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, '1'])) },
  }, 'the registration must have at most 49 script arguments, got 50'],
  ['the base branch is none', { baseBranch: 'a b' }, 'baseBranch must be letters, digits, _ and -'],
  ['the folder does not exist', { processing: { ...PROCESSING, folder: 'nowhere' } }, "the folder of a script must exist, got 'nowhere' (looked at "],
  ['the script is not in the folder', { processing: { ...PROCESSING, entryPoint: 'other.py' } }, "entryPoint must be a file of the folder '"],
  ['the script is no Python', { processing: { ...PROCESSING, entryPoint: 'run.sh' } }, "entryPoint must be a Python file of the folder like 'train.py', got 'run.sh'"],
  ['the instance is none of SageMaker', { training: { ...TRAINING, instanceType: 'm5.large' } }, "instanceType must be a type like 'ml.m5.large', got 'm5.large'"],
  ['the volume is too large', { training: { ...TRAINING, volumeSize: Size.tebibytes(17) } }, 'volumeSize must be 1 to 16384 GiB, got 17408'],
  ['the time is short', { training: { ...TRAINING, maxRuntime: Duration.seconds(59) } }, 'maxRuntime must be 1 minute to 5 days in whole seconds, got 59 seconds'],
  ['the wait for spot capacity is shorter than the run', { training: { ...TRAINING, maxSpotWait: Duration.minutes(5) } }, 'maxSpotWait must be at least maxRuntime, 3600 s, got 300 s'],
])('a pipeline fails when %s', (_, props, message) => {
  expect(() => stackWith(props)).toThrow(message);
});
