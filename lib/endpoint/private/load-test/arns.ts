import { ArnFormat, Stack, type aws_ecs as ecs, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The executions of one state machine. */
export function executionsOf(scope: IConstruct, { stateMachineName }: sfn.StateMachine): string {
  return Stack.of(scope).formatArn({
    service: 'states', resource: 'execution', resourceName: `${stateMachineName}:*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** The tasks of one cluster. */
export function tasksOf(scope: IConstruct, { clusterName }: ecs.ICluster): string {
  return Stack.of(scope).formatArn({ service: 'ecs', resource: 'task', resourceName: `${clusterName}/*` });
}
