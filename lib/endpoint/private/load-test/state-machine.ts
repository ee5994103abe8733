import {
  aws_events as events, aws_events_targets as targets, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks, Duration,
  type aws_lambda as lambda,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../../../private/nag/acknowledge';

/** The actions between start and stop. Each says which comes next, and when. */
const ACTIONS = ['poll', 'step', 'measure', 'decide'] as const;
const STATES: Record<typeof ACTIONS[number], string> = { poll: 'Poll', step: 'Begin step', measure: 'Read CloudWatch', decide: 'Decide' };

/**
 * Start, then one action after the other until one says stop, then stop and report. Whatever fails on the way, the tasks are stopped and
 * what there is is reported. An execution that is stopped or timed out runs no state any more: a rule has the controller end it.
 */
export class LoadTestStateMachine extends Construct {
  public readonly stateMachine: sfn.StateMachine;

  public constructor(scope: Construct, id: string, props: { controller: lambda.Function; timeout: Duration }) {
    super(scope, id);
    const { controller, timeout } = props;
    const succeeded = new sfn.Succeed(this, 'Passed');
    const failed = new sfn.Fail(this, 'Not passed', {
      error: 'LoadTestNotPassed', causePath: sfn.JsonPath.stringAt('$.reason'),
    });
    const report = this.invoke('Report', controller, 'report').next(
      new sfn.Choice(this, 'Verdict').when(sfn.Condition.booleanEquals('$.passed', true), succeeded).otherwise(failed),
    );
    const stop = this.invoke('Stop', controller, 'stop', '$.stopped');
    stop.addCatch(report, { resultPath: '$.failure' }).next(report);
    const next = new sfn.Choice(this, 'Next');
    const wait = new sfn.Wait(this, 'Wait', { time: sfn.WaitTime.secondsPath('$.waitSeconds') }).next(next);
    for (const action of ACTIONS) {
      const state = this.invoke(STATES[action], controller, action);
      state.addCatch(stop, { resultPath: '$.failure' }).next(wait);
      next.when(sfn.Condition.stringEquals('$.next', action), state);
    }
    next.otherwise(stop);
    const start = this.invoke('Start', controller, 'start');
    start.addCatch(stop, { resultPath: '$.failure' }).next(wait);
    this.stateMachine = new sfn.StateMachine(this, 'Resource', {
      definitionBody: sfn.DefinitionBody.fromChainable(start),
      timeout,
      comment: 'cdk-sagemaker-edge: a load test of a real-time endpoint',
    });
    for (const rule of ['AwsSolutions-SF1', 'AwsSolutions-SF2']) {
      acknowledge(this.stateMachine, rule, 'what a run did is in the results bucket and in the log of its controller');
    }
    acknowledgeWildcards(this.stateMachine, 'any version of one function', `${controller.functionArn}:*`);
    this.endWhatEnded(controller);
  }

  private invoke(id: string, controller: lambda.Function, action: string, resultPath?: string): tasks.LambdaInvoke {
    const state = new tasks.LambdaInvoke(this, id, {
      lambdaFunction: controller,
      payloadResponseOnly: true,
      payload: sfn.TaskInput.fromObject({
        action,
        'runId': sfn.JsonPath.stringAt('$$.Execution.Name'),
        'executionArn': sfn.JsonPath.stringAt('$$.Execution.Id'),
        ...(action === 'start' ? { input: sfn.JsonPath.objectAt('$$.Execution.Input') } : {}),
        // As a whole: a path to a failure that is not there would be one.
        ...(action === 'report' ? { state: sfn.JsonPath.objectAt('$') } : {}),
      }),
      ...(resultPath === undefined ? {} : { resultPath }),
      retryOnServiceExceptions: true,
    });
    // Not among those: other functions of the account have taken all of its concurrency. A run of half an hour is worth some minutes.
    state.addRetry({ errors: ['Lambda.TooManyRequestsException'], interval: Duration.seconds(2), maxAttempts: 6, backoffRate: 2 });
    return state;
  }

  private endWhatEnded(controller: lambda.Function): void {
    new events.Rule(this, 'Ended', {
      description: 'cdk-sagemaker-edge: stops the tasks of a load test whose execution was stopped or timed out',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [this.stateMachine.stateMachineArn], status: ['ABORTED', 'TIMED_OUT', 'FAILED'] },
      },
      targets: [new targets.LambdaFunction(controller, {
        event: events.RuleTargetInput.fromObject({
          action: 'abort',
          runId: events.EventField.fromPath('$.detail.name'),
          executionArn: events.EventField.fromPath('$.detail.executionArn'),
          status: events.EventField.fromPath('$.detail.status'),
        }),
      })],
    });
  }
}
