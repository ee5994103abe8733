import { aws_iam as iam, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { isRecord, valueAt } from '../../../lib/private/objects';
import { SCRIPTS, stackWith } from './pipeline-stack';

/** What a role or the state machine is allowed, by action. */
function rights(stack: Stack, prefix: string): Map<string, unknown> {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(prefix));
  const statements = policies.flatMap(([, resource]) => valueAt(resource, '/Properties/PolicyDocument/Statement')).filter(isRecord);
  return new Map(statements.flatMap(({ Action: action, Resource: resource }) => (
    [action].flat().map((name) => [String(name), resource] as const)
  )));
}

function policyText(stack: Stack, prefix: string, action: string): string {
  return JSON.stringify(rights(stack, prefix).get(action));
}

describe('the rights of a pipeline', () => {
  test('let the processing push, and the training pull', () => {
    const { stack } = stackWith();
    expect([...rights(stack, 'HousesProcessing').keys()]).toEqual(expect.arrayContaining(['codecommit:GitPush', 's3:PutObject']));
    const training = rights(stack, 'HousesTraining');
    expect([training.has('codecommit:GitPull'), training.has('codecommit:GitPush')]).toEqual([true, false]);
  });

  test('let the training track its runs', () => {
    expect([...rights(stackWith().stack, 'HousesTraining').keys()].filter((action) => action.startsWith('sagemaker:')).length).toBeGreaterThan(0);
    expect([...rights(stackWith({ tracking: undefined }).stack, 'HousesTraining').keys()].filter((action) => action.startsWith('sagemaker:'))).toEqual([]);
  });

  test('let the state machine start jobs of its own prefix, with the roles of this pipeline', () => {
    const { stack } = stackWith();
    expect(policyText(stack, 'HousesRole', 'sagemaker:CreateProcessingJob')).toContain(':sagemaker:eu-west-1:111122223333:processing-job/stack-houses-job-*');
    expect(policyText(stack, 'HousesRole', 'sagemaker:CreateTrainingJob')).toContain(':training-job/stack-houses-job-*');
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({
        Action: 'iam:PassRole', Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        Resource: [Match.objectLike({ 'Fn::GetAtt': [Match.stringLikeRegexp('^HousesProcessing'), 'Arn'] }), Match.anyValue()],
      })]) },
    });
  });

  test('let the state machine hear of the end of jobs by two rules', () => {
    expect(policyText(stackWith().stack, 'HousesRole', 'events:PutRule')).toMatch(/ForSageMakerProcessingJobsRule.*ForSageMakerTrainingJobsRule/);
  });

  test('let the state machine write its records and the winner, and no model of a trial', () => {
    expect(policyText(stackWith().stack, 'HousesRole', 's3:PutObject')).toMatch(/"\/trained\/\*\.json".*"\/winner\/model\.tar\.gz"/);
  });

  test('let the evaluation read the models of trainings, and nothing else of them', () => {
    const { stack } = stackWith({ evaluation: { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { score: 'score: (.*)' } } });
    const template = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy', Match.objectLike({
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^HousesEvaluation') }] },
    })));
    expect(template).toContain('"/trained/*/output/model.tar.gz"');
    expect(template).not.toContain('"/trained/*"');
  });

  test('hold no bucket as a whole', () => {
    const { stack } = stackWith();
    for (const role of ['HousesProcessing', 'HousesTraining', 'HousesRole']) {
      expect(policyText(stack, role, 's3:PutObject')).toMatch(/\/(processed|trained|dvc|winner|mlflow)\/\*/);
    }
  });

  test('let somebody start executions', () => {
    const { stack, pipeline } = stackWith();
    pipeline.grantStart(new iam.Role(stack, 'Scientist', { assumedBy: new iam.AccountRootPrincipal() }));
    expect([...rights(stack, 'Scientist').keys()]).toEqual([
      'states:StartExecution', 'states:ListExecutions', 'states:StopExecution', 'states:DescribeExecution',
    ]);
  });

  test('let the evaluation pull and not push', () => {
    const { stack } = stackWith({ evaluation: { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { score: 'score: (.*)' } } });
    const found = rights(stack, 'HousesEvaluation');
    expect(found.has('codecommit:GitPull')).toBe(true);
    expect(found.has('codecommit:GitPush')).toBe(false);
  });
});
