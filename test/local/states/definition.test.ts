import { INTEGRATIONS } from '../../../local/states/activity';
import { hasIntegration, withActivities } from '../../../local/states/definition';
import { definition, SCRIPTS, stackWith } from '../../lib/experiments/pipeline-stack';
import { Template } from 'aws-cdk-lib/assertions';
import { ExperimentObjective } from '../../../lib';
import { valueAt } from '../../../lib/private/objects';
import { isRecord } from '../../../local/service/validator';

const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:LocalIntegrations';

function pipeline(): ReturnType<typeof stackWith> {
  return stackWith({
    evaluation: { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { score: 'score: (.*)' } }, objective: ExperimentObjective.maximize('score'),
  });
}

/** The states of a machine by their names, those of maps and branches among them. */
function statesIn(machine: unknown): Map<string, Readonly<Record<string, unknown>>> {
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  const collect = (value: unknown): void => {
    if (!isRecord(value)) {
      return;
    }
    for (const [name, state] of Object.entries(isRecord(value.States) ? value.States : {})) {
      if (isRecord(state)) {
        found.set(name, state);
        const branches: unknown[] = Array.isArray(state.Branches) ? state.Branches : [];
        [state.ItemProcessor, state.Iterator, ...branches].forEach(collect);
      }
    }
  };
  collect(machine);
  return found;
}

/** A machine of one task. */
function rewritten(task: object, top: object = {}): Readonly<Record<string, unknown>> | undefined {
  return statesIn(JSON.parse(withActivities(JSON.stringify({ StartAt: 'A', ...top, States: { A: { Type: 'Task', End: true, ...task } } })))).get('A');
}

describe('the definition of a pipeline of experiments', () => {
  const plain = JSON.stringify(definition(pipeline().stack)).replaceAll('<Ref AWS Partition>', 'aws');
  const before = statesIn(JSON.parse(plain));
  const after = statesIn(JSON.parse(withActivities(plain)));

  test('has each job and each call of S3 done by the worker, with the arguments that it has on AWS', () => {
    const changed = [...before].filter(([, state]) => INTEGRATIONS.some((name) => state.Resource === `arn:aws:states:::${name}`));
    expect(changed).toHaveLength(11);
    for (const [name, { Arguments, Resource, ...rest }] of changed) {
      expect(after.get(name)).toEqual({
        ...rest, Resource: ACTIVITY,
        Arguments: { execution: '{% $states.context.Execution.Id %}', integration: String(Resource).replace('arn:aws:states:::', ''), input: Arguments },
      });
    }
  });

  test('keeps all other states', () => {
    const others = [...before].filter(([, state]) => state.Type !== 'Task');
    for (const [name, state] of others.filter(([, { Type }]) => Type !== 'Map')) {
      expect(after.get(name)).toEqual(state);
    }
    expect([...after.keys()]).toEqual([...before.keys()]);
  });

  test('is seen in the template, where its references are still open', () => {
    const machines = Template.fromStack(pipeline().stack).findResources('AWS::StepFunctions::StateMachine');
    const [machine] = Object.values(machines) as { readonly Properties: { readonly DefinitionString: unknown } }[];
    expect(hasIntegration(machine?.Properties.DefinitionString)).toBe(true);
  });
});

test('a task in JSONPath keeps its parameters', () => {
  expect(rewritten({ Resource: 'arn:aws:states:::aws-sdk:s3:getObject', Parameters: { 'Key.$': '$.key' }, ResultPath: '$.read' })).toEqual({
    Type: 'Task', End: true, ResultPath: '$.read', Resource: ACTIVITY,
    Parameters: { 'execution.$': '$$.Execution.Id', integration: 'aws-sdk:s3:getObject', input: { 'Key.$': '$.key' } },
  });
});

test('a task without parameters gets the input of its state, in either language', () => {
  const task = { Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync' };
  expect(rewritten(task)?.Parameters).toMatchObject({ 'input.$': '$' });
  expect(rewritten(task, { QueryLanguage: 'JSONata' })?.Arguments).toMatchObject({ input: '{% $states.input %}' });
});

test.each([
  [{ TimeoutSeconds: 60 }, { QueryLanguage: 'JSONata' }, '/Arguments', { timeoutSeconds: 60 }],
  [{ TimeoutSeconds: '{% $limit %}' }, { QueryLanguage: 'JSONata' }, '/Arguments', { timeoutSeconds: '{% $limit %}' }],
  [{ TimeoutSeconds: 60 }, {}, '/Parameters', { timeoutSeconds: 60 }],
  [{ TimeoutSecondsPath: '$.limit' }, {}, '/Parameters', { 'timeoutSeconds.$': '$.limit' }],
])('a task says how long it may take: %j', (given, top, place, wanted) => {
  const task = rewritten({ Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync', ...given }, top);
  expect(valueAt(task, place)).toMatchObject(wanted);
  expect(Object.keys(task ?? {})).not.toEqual(expect.arrayContaining([expect.stringContaining('Timeout')]));
});

test('a state has a language of its own', () => {
  expect(rewritten({ Resource: 'arn:aws:states:::aws-sdk:s3:getObject', QueryLanguage: 'JSONata', Arguments: {} })).toHaveProperty('Arguments.input', {});
});

test('tasks of branches are found', () => {
  const inner = { StartAt: 'B', States: { B: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:putObject', End: true } } };
  const machine = { StartAt: 'A', States: { A: { Type: 'Parallel', Branches: [inner], End: true } } };
  expect(statesIn(JSON.parse(withActivities(JSON.stringify(machine)))).get('B')?.Resource).toBe(ACTIVITY);
});

test('a task that the emulator can do is left to it', () => {
  const task = { Type: 'Task', End: true, Resource: 'arn:aws:states:::lambda:invoke', Parameters: {} };
  expect(rewritten(task)).toEqual(task);
  expect(hasIntegration(JSON.stringify({ States: { A: task } }))).toBe(false);
});
