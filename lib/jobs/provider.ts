import {
  aws_iam as iam, aws_lambda as lambda, aws_logs as logs, custom_resources as cr, Duration, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { handlerCode } from '../private/handler-asset';
import { jobNamePrefix } from './naming';
import { limitInlinePolicies } from '../private/role-limit';

/** The kinds of jobs, as they stand in ARNs, with what their handler does to jobs that exist. */
const KINDS = {
  'compilation-job': ['sagemaker:DescribeCompilationJob', 'sagemaker:StopCompilationJob', 'sagemaker:DeleteCompilationJob'],
  'edge-packaging-job': ['sagemaker:DescribeEdgePackagingJob', 'sagemaker:StopEdgePackagingJob'],
} as const;

/** The resource type of a job in ARNs. */
export type JobKind = keyof typeof KINDS;

/** The one provider of a stack for jobs of both kinds. */
export class JobProvider extends Construct {
  public static getOrCreate(scope: Construct): JobProvider {
    const stack = Stack.of(scope);
    const uid = 'cdk-sagemaker-edge.JobProvider'; // part of the upgrade contract: a new id replaces every custom resource
    return stack.node.tryFindChild(uid) as JobProvider | undefined ?? new JobProvider(stack, uid);
  }

  public readonly serviceToken: string;
  public readonly namePrefix: string;
  private readonly role: iam.Role;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    this.namePrefix = jobNamePrefix(this);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Handler of cdk-sagemaker-edge for compilation and packaging jobs',
    });
    logGroup.grantWrite(this.role);
    limitInlinePolicies(this.role, 'each job adds its own: put some of the jobs into another stack, whose handler has a role of its own');
    this.grantOnExistingJobs();
    const handler = new lambda.Function(this, 'Handler', {
      code: handlerCode('jobs'), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X,
      role: this.role, logGroup, memorySize: 256,
      timeout: Duration.minutes(1), // lambda/jobs/polling.ts counts on it
      description: 'cdk-sagemaker-edge: starts compilation and packaging jobs, and polls them',
    });
    const provider = new cr.Provider(this, 'Provider', {
      onEventHandler: handler, isCompleteHandler: handler, logGroup,
      queryInterval: Duration.seconds(5), totalTimeout: Duration.hours(1), // lambda/jobs/polling.ts counts on both
    });
    this.serviceToken = provider.serviceToken;
  }

  /**
   * The right to start jobs of this kind with this role, in a policy of the job's own. The custom resource depends on it,
   * so that it is there before the first call and goes after the last.
   */
  public grantStart(scope: Construct, kind: JobKind, role: iam.IRole, tagged: boolean): iam.Policy {
    const create = kind === 'compilation-job' ? 'sagemaker:CreateCompilationJob' : 'sagemaker:CreateEdgePackagingJob';
    return new iam.Policy(scope, 'StartPolicy', {
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({ actions: [create, ...(tagged ? ['sagemaker:AddTags'] : [])], resources: [this.jobArns(kind)] }),
        new iam.PolicyStatement({
          actions: ['iam:PassRole'], resources: [role.roleArn],
          conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        }),
      ],
    });
  }

  /** Granted once, for both kinds and whatever the stack holds, so that they outlive the last job that is taken out of a template. */
  private grantOnExistingJobs(): void {
    for (const [kind, actions] of Object.entries(KINDS)) {
      this.role.addToPolicy(new iam.PolicyStatement({ actions: [...actions], resources: [this.jobArns(kind)] }));
    }
    // A start that was put off is made only while CloudFormation still waits for it.
    this.role.addToPolicy(new iam.PolicyStatement({ actions: ['cloudformation:DescribeStackResource'], resources: [Stack.of(this).stackId] }));
  }

  /** All jobs of the stack: their names end with hashes that only the handler can make. */
  private jobArns(kind: string): string {
    return Stack.of(this).formatArn({ service: 'sagemaker', resource: kind, resourceName: `${this.namePrefix}-*` });
  }
}
