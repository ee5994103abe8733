import { ArnFormat, aws_iam as iam, Stack, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { acknowledgeGranted } from '../private/nag/acknowledge';

/** The executions of one state machine. */
export function executionsOf(scope: IConstruct, { stateMachineName }: sfn.StateMachine): string {
  return Stack.of(scope).formatArn({
    service: 'states', resource: 'execution', resourceName: `${stateMachineName}:*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Grants to start executions of one state machine, and to see and stop them. */
export function grantExecutions(scope: IConstruct, machine: sfn.StateMachine, grantee: iam.IGrantable): iam.Grant {
  const executions = executionsOf(scope, machine);
  acknowledgeGranted(grantee, 'the executions of one state machine', executions);
  return iam.Grant.addToPrincipal({
    grantee, actions: ['states:StartExecution', 'states:ListExecutions'], resourceArns: [machine.stateMachineArn],
  }).combine(iam.Grant.addToPrincipal({
    grantee, actions: ['states:StopExecution', 'states:DescribeExecution'], resourceArns: [executions],
  }));
}
