import {
  aws_iam as iam, Duration, Stack, type aws_lambda as lambda, type aws_s3 as s3, type aws_sagemaker as sagemaker,
  type aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { handlerFunction, handlerLog } from '../../../private/assets';
import { grantKeyUse } from '../../../private/key-use';
import { acknowledgeWildcards } from '../../../private/nag/acknowledge';
import { followIntoVpc } from '../../../private/vpc-rights';
import { executionsOf } from '../../../jobs/executions';
import { tasksOf } from './arns';
import { CONTROLLER_SETTINGS, type ControllerSettings } from './contract';
import type { LoadTestTasks } from './tasks';

/** The function that runs a load test, one action at a time. */
export class LoadTestController extends Construct {
  public readonly role: iam.Role;

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), description: 'Controller of a load test of cdk-sagemaker-edge',
    });
  }

  public makeFunction(settings: ControllerSettings): lambda.Function {
    const logGroup = handlerLog(this);
    logGroup.grantWrite(this.role);
    const controller = handlerFunction(this, 'Function', {
      handler: 'endpoint/load-test',
      description: 'controls a load test of a real-time endpoint',
      role: this.role,
      logGroup,
      timeout: Duration.minutes(2),
      environment: { [CONTROLLER_SETTINGS]: Stack.of(this).toJsonString(settings) },
    });
    followIntoVpc(this);
    return controller;
  }

  public grant({ tasks, results, endpoint, stateMachine }: {
    tasks: LoadTestTasks; results: s3.IBucket; endpoint: sagemaker.IEndpointRef; stateMachine: sfn.StateMachine;
  }): void {
    const stack = Stack.of(this);
    const { clusterArn } = tasks.cluster;
    const runs = results.arnForObjects('runs/*');
    const lock = results.arnForObjects('lock.json');
    const configs = stack.formatArn({ service: 'sagemaker', resource: 'endpoint-config', resourceName: '*' });
    const runningTasks = tasksOf(this, tasks.cluster);
    const executions = executionsOf(this, stateMachine);
    const buses = stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
    const onCluster = { ArnEquals: { 'ecs:cluster': clusterArn } };
    const definitions = [tasks.master, tasks.worker];
    const roles = definitions.flatMap((definition) => [definition.taskRole.roleArn, definition.obtainExecutionRole().roleArn]);
    const allow = (actions: string[], resources: string[], conditions?: object): iam.PolicyStatement => new iam.PolicyStatement({
      actions, resources, ...(conditions === undefined ? {} : { conditions }),
    });
    const rights = new iam.Policy(this, 'Rights', {
      roles: [this.role],
      statements: [
        allow(['s3:GetObject', 's3:PutObject'], [runs]),
        allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [lock]),
        allow(['s3:ListBucket'], [results.bucketArn]), // without it S3 says of a missing object that it is forbidden
        allow(['ecs:RunTask'], definitions.map(({ taskDefinitionArn }) => taskDefinitionArn), onCluster),
        allow(['ecs:DescribeTasks', 'ecs:StopTask'], [runningTasks], onCluster),
        allow(['ecs:ListTasks'], ['*'], onCluster), // its resource is a container instance, of which Fargate has none
        allow(['iam:PassRole'], roles, { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }),
        allow(['sagemaker:DescribeEndpoint'], [endpoint.endpointRef.endpointArn]),
        allow(['sagemaker:DescribeEndpointConfig'], [configs]), // an update gives the endpoint another
        allow(['cloudwatch:GetMetricData'], ['*']), // has no resource
        allow(['states:DescribeExecution'], [executions]),
        allow(['events:PutEvents'], [buses]),
      ],
    });
    grantKeyUse(this.role, results, 'write');
    acknowledgeWildcards(rights, 'the folder of a run is named by its execution', runs);
    acknowledgeWildcards(rights, 'ECS chooses the IDs of tasks: those of one cluster', runningTasks);
    acknowledgeWildcards(rights, 'ecs:ListTasks and cloudwatch:GetMetricData have no resource: the tasks are those of one cluster', '*');
    acknowledgeWildcards(rights, 'an update gives the endpoint another configuration, which alone says of what type its instances are', configs);
    acknowledgeWildcards(rights, 'the executions of one state machine', executions);
  }
}
