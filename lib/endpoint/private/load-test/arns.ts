import { Stack, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The tasks of one cluster. */
export function tasksOf(scope: IConstruct, { clusterName }: ecs.ICluster): string {
  return Stack.of(scope).formatArn({ service: 'ecs', resource: 'task', resourceName: `${clusterName}/*` });
}
