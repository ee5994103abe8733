import { aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Duration, RemovalPolicy, Stack, type aws_ec2 as ec2, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { grantKeyUse } from '../../../private/key-use';
import { acknowledge, acknowledgeWildcards } from '../../../private/nag/acknowledge';
import { CONTAINER_NAME } from './contract';
import { MASTER_PORT } from './network';

/** A process of Locust uses one core: a larger task would idle. */
const CPU = 1024;
const MEMORY_MIB = 2048;

/** The two kinds of tasks, without their containers, which need what the scenario says. */
export class LoadTestTasks extends Construct {
  public readonly cluster: ecs.Cluster;
  public readonly master: ecs.FargateTaskDefinition;
  public readonly worker: ecs.FargateTaskDefinition;
  private readonly logGroup: logs.LogGroup;

  public constructor(scope: Construct, id: string, { vpc, architecture }: { vpc: ec2.IVpc; architecture: ecs.CpuArchitecture }) {
    super(scope, id);
    this.cluster = new ecs.Cluster(this, 'Cluster', { vpc }); // without a VPC it would make one
    acknowledge(this.cluster, 'AwsSolutions-ECS4', 'tasks live for minutes, and tell of their CPU themselves');
    this.logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.master = this.define('Master', architecture);
    this.worker = this.define('Worker', architecture);
  }

  /** The master follows the object in which the controller says what it wants, and writes what it measures. */
  public grantChannel(bucket: s3.IBucket): void {
    const control = bucket.arnForObjects('runs/*/control.json');
    const state = bucket.arnForObjects('runs/*/master.json');
    this.master.taskRole.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [control] }));
    this.master.taskRole.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [state] }));
    grantKeyUse(this.master.taskRole, bucket, 'write');
    acknowledgeWildcards(this.master.taskRole, 'the folder of a run is named by its execution', control, state);
  }

  public addContainers(image: ecs.ContainerImage, environment: Record<string, string>): void {
    this.addContainer(this.master, 'master', image, environment).addPortMappings({ containerPort: MASTER_PORT });
    this.addContainer(this.worker, 'worker', image, environment);
  }

  private define(id: string, architecture: ecs.CpuArchitecture): ecs.FargateTaskDefinition {
    const definition = new ecs.FargateTaskDefinition(this, id, {
      cpu: CPU,
      memoryLimitMiB: MEMORY_MIB,
      runtimePlatform: { cpuArchitecture: architecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      volumes: [{ name: 'tmp' }],
    });
    acknowledge(definition, 'AwsSolutions-ECS2', 'the environment says where the endpoint and the payloads are: none of it is a secret');
    return definition;
  }

  private addContainer(
    definition: ecs.FargateTaskDefinition, program: string, image: ecs.ContainerImage, environment: Record<string, string>,
  ): ecs.ContainerDefinition {
    const { region } = Stack.of(this);
    const container = definition.addContainer('Container', {
      containerName: CONTAINER_NAME,
      image,
      command: ['python', '-m', `load_test.${program}`],
      environment: { ...environment, AWS_DEFAULT_REGION: region },
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: program }),
      readonlyRootFilesystem: true,
      stopTimeout: Duration.seconds(30),
      // A process that is the first of its container gets no SIGTERM by default.
      linuxParameters: new ecs.LinuxParameters(definition, 'Linux', { initProcessEnabled: true }),
    });
    container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false });
    acknowledgeWildcards(definition.obtainExecutionRole(), 'ecr:GetAuthorizationToken has no resource', '*');
    return container;
  }
}
