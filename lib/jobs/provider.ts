import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerProvider } from '../private/handler-provider';
import { inStack } from '../private/in-stack';
import { jobNamePrefix } from './naming';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** The kinds of jobs, as they stand in ARNs, with what their handler does to jobs that exist. */
const KINDS = {
  'compilation-job': ['sagemaker:DescribeCompilationJob', 'sagemaker:StopCompilationJob', 'sagemaker:DeleteCompilationJob'],
  'edge-packaging-job': ['sagemaker:DescribeEdgePackagingJob', 'sagemaker:StopEdgePackagingJob'],
} as const;

/** For each kind: the last tag may be taken away in a template that knows no tags any more. A start with tags needs the first, too. */
const TAG_ACTIONS = ['sagemaker:AddTags', 'sagemaker:DeleteTags'];

const JOBS_OF_STACK = 'the jobs of this stack, by the beginning of their names: the end is a hash of the inputs of each job';

/** The resource type of a job in ARNs. */
export type JobKind = keyof typeof KINDS;

/** The one provider of a stack for jobs of both kinds. */
export class JobProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): JobProvider {
    return inStack(scope, 'cdk-sagemaker-edge.JobProvider', (stack, uid) => new JobProvider(stack, uid));
  }

  public readonly namePrefix: string;

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'jobs',
      purpose: 'compilation and packaging jobs',
      description: 'starts compilation and packaging jobs, and polls them',
      adviceOnLimit: 'each job adds its own: put some of the jobs into another stack, whose handler has a role of its own',
    });
    this.namePrefix = jobNamePrefix(this);
    this.grantOnExistingJobs();
  }

  /**
   * The right to start jobs of this kind with this role, in a policy of the job's own. The custom resource depends on it,
   * so that it is there before the first call and goes after the last.
   */
  public grantStart(scope: Construct, kind: JobKind, role: iam.IRole): iam.Policy {
    const create = kind === 'compilation-job' ? 'sagemaker:CreateCompilationJob' : 'sagemaker:CreateEdgePackagingJob';
    const start = this.grant(scope, 'StartPolicy',
      new iam.PolicyStatement({ actions: [create], resources: [this.jobArns(kind)] }),
      new iam.PolicyStatement({
        actions: ['iam:PassRole'], resources: [role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      }),
    );
    acknowledgeWildcards(start, JOBS_OF_STACK, this.jobArns(kind));
    return start;
  }

  /** Granted once, for both kinds and whatever the stack holds, so that they outlive the last job that is taken out of a template. */
  private grantOnExistingJobs(): void {
    for (const [kind, actions] of Object.entries(KINDS)) {
      this.rights.addStatements(new iam.PolicyStatement({ actions: [...actions, ...TAG_ACTIONS], resources: [this.jobArns(kind)] }));
      acknowledgeWildcards(this.rights, JOBS_OF_STACK, this.jobArns(kind));
    }
    // A start that was put off is made only while CloudFormation still waits for it.
    this.rights.addStatements(new iam.PolicyStatement({
      actions: ['cloudformation:DescribeStackResource'],
      resources: [Stack.of(this).stackId],
    }));
  }

  /** All jobs of the stack: their names end with hashes that only the handler can make. */
  private jobArns(kind: string): string {
    return Stack.of(this).formatArn({ service: 'sagemaker', resource: kind, resourceName: `${this.namePrefix}-*` });
  }
}
