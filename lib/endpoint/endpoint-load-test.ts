import {
  aws_ecs as ecs, aws_iam as iam, RemovalPolicy, Stack, type aws_s3 as s3, type aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { EndpointLoadTestProps } from './endpoint-load-test-props';
import { LoadTestImage } from './load-test-image';
import { endpointNameOf } from './private/endpoint-names';
import { executionsOf, grantExecutions } from '../jobs/executions';
import { tasksOf } from './private/load-test/arns';
import type { ControllerSettings } from './private/load-test/contract';
import { LoadTestController } from './private/load-test/controller';
import { LoadTestNetwork } from './private/load-test/network';
import { checkedPlan, type Plan } from './private/load-test/plan';
import { LoadTestProvider } from './private/load-test/provider';
import type { LoadTestRunsProperties, LoadTestRunsType } from './private/load-test/resources';
import { LoadTestStateMachine } from './private/load-test/state-machine';
import { LoadTestTasks } from './private/load-test/tasks';
import { acknowledgeWildcards } from '../private/nag/acknowledge';
import { KEEP_OBJECTS, ownBucket } from '../private/own-bucket';
import { ValidationError } from '../private/validation';

/**
 * A load test of a real-time endpoint: distributed Locust on ECS Fargate, run by a state machine.
 *
 * A run goes up a staircase of users. Each step settles, is held, and is measured at the client and in CloudWatch, until the target is
 * met, latency or errors pass their limits, or the last step is reached. Then everything is stopped, and a report is written.
 *
 * Nothing runs and costs between runs, and a run has no port that is open to anybody.
 *
 * The caller who starts runs needs `states:StartExecution`, which `grantStart` gives. One run goes on at a time.
 */
export class EndpointLoadTest extends Construct {
  /** The bucket of the results: `runs/<run id>/report.html` and `report.json`. */
  public readonly resultsBucket: s3.IBucket;

  /** The state machine of which each execution is a run. The execution's name is the run's id. It fails where the gate does not pass. */
  public readonly stateMachine: sfn.IStateMachine;

  /** The cluster of the tasks. */
  public readonly cluster: ecs.ICluster;

  /** The task role of the workers, for a Locust file that needs more than to invoke the endpoint. */
  public readonly workerRole: iam.IRole;

  private readonly machine: sfn.StateMachine;

  public constructor(scope: Construct, id: string, props: EndpointLoadTestProps) {
    super(scope, id);
    const plan = checkedPlan(this, props);
    this.resultsBucket = this.bucketOf(props);
    const architecture = props.architecture ?? ecs.CpuArchitecture.ARM64;
    const network = new LoadTestNetwork(this, 'Network', { vpc: props.vpc, vpcSubnets: props.vpcSubnets });
    const tasks = new LoadTestTasks(this, 'Tasks', { vpc: network.vpc, architecture });
    this.cluster = tasks.cluster;
    this.workerRole = tasks.worker.taskRole;
    tasks.grantChannel(this.resultsBucket);
    this.workerRole.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['sagemaker:InvokeEndpoint'], resources: [props.endpoint.endpointRef.endpointArn],
    }));
    const controller = new LoadTestController(this, 'Controller');
    const settings = this.settingsOf(props, plan, { network, tasks, controller, architecture });
    this.machine = new LoadTestStateMachine(this, 'Run', {
      controller: controller.makeFunction(settings), timeout: plan.timeout,
    }).stateMachine;
    this.stateMachine = this.machine;
    controller.grant({ tasks, results: this.resultsBucket, endpoint: props.endpoint, stateMachine: this.machine });
    this.endRunsWithStack(tasks);
  }

  /** Allows a principal to start and stop runs, and to see what they are at. */
  public grantStart(grantee: iam.IGrantable): iam.Grant {
    return grantExecutions(this, this.machine, grantee);
  }

  /** Returns the shell command that starts a run. It needs the AWS CLI. */
  public startCommand(): string {
    return `aws stepfunctions start-execution ${this.target()}`;
  }

  /** Returns the shell command that stops the run that goes on. Its tasks are stopped, and what was measured is reported. */
  public stopCommand(): string {
    const running = `aws stepfunctions list-executions ${this.target()} --status-filter RUNNING --query 'executions[0].executionArn' --output text`;
    return `aws stepfunctions stop-execution --region ${Stack.of(this).region} --execution-arn "$(${running})"`;
  }

  /** Returns the shell command that waits for the last run to end. Its exit code is 0 where the gate passed, and 1 where it did not. */
  public waitCommand(): string {
    const status = `aws stepfunctions list-executions ${this.target()} --max-results 1 --no-paginate --query 'executions[0].status' --output text`;
    return `while s="$(${status})" && [ "$s" = RUNNING ]; do sleep 10; done; [ "$s" = SUCCEEDED ]`;
  }

  private target(): string {
    return `--region ${Stack.of(this).region} --state-machine-arn ${this.stateMachine.stateMachineArn}`;
  }

  private bucketOf({ resultsBucket, removalPolicy }: EndpointLoadTestProps): s3.IBucket {
    if (resultsBucket === undefined) {
      return ownBucket(this, 'Results', { removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN }, KEEP_OBJECTS);
    }
    if (removalPolicy !== undefined) {
      throw new ValidationError(this, 'removalPolicy is that of a new bucket: leave it out, or leave out resultsBucket');
    }
    return resultsBucket;
  }

  private settingsOf(props: EndpointLoadTestProps, plan: Plan, parts: {
    network: LoadTestNetwork; tasks: LoadTestTasks; controller: LoadTestController; architecture: ecs.CpuArchitecture;
  }): ControllerSettings {
    const { network, tasks, controller, architecture } = parts;
    const { region } = Stack.of(this);
    const endpointName = endpointNameOf(props.endpoint);
    const scenario = props.scenario.bind(this, {
      workers: tasks.worker.taskRole, master: tasks.master.taskRole, controller: controller.role,
    });
    const image = (props.image ?? LoadTestImage.builtAtDeployment()).bind(this, architecture);
    tasks.addContainers(image, {
      ...scenario.environment,
      SAGEMAKER_ENDPOINT_NAME: endpointName,
      ...(props.variantName === undefined ? {} : { SAGEMAKER_VARIANT_NAME: props.variantName }),
      RESULTS_BUCKET: this.resultsBucket.bucketName,
      CONTENT_TYPE: props.scenario.contentType,
    });
    return {
      endpointName,
      variantName: props.variantName,
      region,
      resultsBucket: this.resultsBucket.bucketName,
      contentType: props.scenario.contentType,
      payloads: scenario.payloads,
      payloadFigures: scenario.count === undefined ? undefined : { count: scenario.count, bytes: scenario.bytes ?? 0 },
      cluster: tasks.cluster.clusterArn,
      masterTaskDefinition: tasks.master.taskDefinitionArn,
      workerTaskDefinition: tasks.worker.taskDefinitionArn,
      masterSecurityGroup: network.master.securityGroupId,
      workerSecurityGroup: network.workers.securityGroupId,
      subnets: network.subnets,
      assignPublicIp: network.assignPublicIp,
      ...plan.settings,
    };
  }

  /** A custom resource whose Delete stops executions and tasks, and waits for them: a cluster with tasks cannot be deleted. */
  private endRunsWithStack(tasks: LoadTestTasks): void {
    const provider = LoadTestProvider.getOrCreate(this);
    const { stateMachineArn } = this.machine;
    const { clusterArn } = tasks.cluster;
    const executions = executionsOf(this, this.machine);
    const running = tasksOf(this, tasks.cluster);
    const onCluster = { ArnEquals: { 'ecs:cluster': clusterArn } };
    const rights = provider.grant(this, 'EndRights',
      new iam.PolicyStatement({ actions: ['states:ListExecutions'], resources: [stateMachineArn] }),
      new iam.PolicyStatement({ actions: ['states:StopExecution'], resources: [executions] }),
      // The resource of ListTasks is a container instance, of which Fargate has none.
      new iam.PolicyStatement({ actions: ['ecs:ListTasks'], resources: ['*'], conditions: onCluster }),
      new iam.PolicyStatement({ actions: ['ecs:StopTask', 'ecs:DescribeTasks'], resources: [running], conditions: onCluster }),
    );
    acknowledgeWildcards(rights, 'the executions of one state machine, and the tasks of one cluster', executions, running);
    acknowledgeWildcards(rights, 'ecs:ListTasks has no resource with Fargate: the tasks are those of one cluster', '*');
    const runs = provider.customResource(this, 'EndOfRuns', {
      resourceType: 'Custom::SageMakerEdge-LoadTestRuns' satisfies LoadTestRunsType,
      serviceTimeout: provider.serviceTimeout,
      properties: { StateMachineArn: stateMachineArn, ClusterArn: clusterArn } satisfies LoadTestRunsProperties,
    });
    // Deleted before these: a task may write to the bucket until it has ended.
    runs.node.addDependency(rights, this.resultsBucket);
  }
}
