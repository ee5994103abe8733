import { randomBytes } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ACCOUNT, PARTITION, REGION, roleName } from '../service/account';
import type { Caller, CallerAuthority, RoleSession, SessionOptions, SessionRegister } from '../service/contracts';
import { deniedText } from '../service/errors';
import type { IntegrationTask } from './activity';
import { getBranch } from './branches';
import { JobCalls } from './jobs';
import { objectCall } from './objects';
import { TaskError } from './task-error';
import type { TaskRunner } from './worker';

const PRINCIPAL = 'states.amazonaws.com';

/**
 * To hear of the end of a job, Step Functions makes a rule in EventBridge with the role of the state machine:
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html.
 */
const RULES: Readonly<Record<string, string>> = {
  'sagemaker:createProcessingJob.sync': 'StepFunctionsGetEventsForSageMakerProcessingJobsRule',
  'sagemaker:createTrainingJob.sync': 'StepFunctionsGetEventsForSageMakerTrainingJobsRule',
};
const RULE_ACTIONS = ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'];

export interface RoleRunnerOptions {
  readonly sessions: { during<T>(roleArn: string, options: SessionOptions, work: (session: RoleSession) => Promise<T>): Promise<T> };
  readonly authority: Pick<CallerAuthority, 'authorize' | 'trustsService'> & SessionRegister;
  readonly sageMaker: string;
  readonly codeCommit: string;
  readonly s3: Omit<S3ClientConfig, 'credentials'>;
}

/** Does tasks with a session of the state machine's role, as Step Functions does: IAM decides on each call. */
export class RoleRunner implements TaskRunner {
  public constructor(private readonly options: RoleRunnerOptions) {}

  public async run(task: IntegrationTask, roleArn: string, isWanted: () => Promise<boolean>): Promise<object> {
    const { authority, sessions } = this.options;
    if (!await authority.trustsService(roleArn, PRINCIPAL)) {
      throw new TaskError('States.TaskFailed', `Neither the global service principal ${PRINCIPAL}, nor the regional one is authorized to assume the provided role.`);
    }
    const sessionName = `states-${randomBytes(8).toString('hex')}`;
    return sessions.during(roleArn, { sessionName }, async ({ credentials, effectiveRoleArn, expiration }) => {
      const caller: Caller = {
        arn: `arn:${PARTITION}:sts::${ACCOUNT}:assumed-role/${roleName(roleArn)}/${sessionName}`, roleArn: effectiveRoleArn, isRoot: false,
      };
      authority.register(credentials.accessKeyId, { ...credentials, expiration, caller });
      await this.demandRule(task, caller);
      return this.call(task, credentials, isWanted);
    });
  }

  private async demandRule({ integration }: IntegrationTask, caller: Caller): Promise<void> {
    const { [integration]: rule } = RULES;
    if (rule === undefined) {
      return;
    }
    const arn = `arn:${PARTITION}:events:${REGION}:${ACCOUNT}:rule/${rule}`;
    for (const action of RULE_ACTIONS) {
      if (!await this.options.authority.authorize(caller, action, arn)) {
        throw new TaskError('States.TaskFailed', deniedText(caller.arn, action, arn));
      }
    }
  }

  private async call(
    { integration, input }: IntegrationTask, credentials: RoleSession['credentials'], isWanted: () => Promise<boolean>,
  ): Promise<object> {
    const { codeCommit, s3: settings, sageMaker: endpoint } = this.options;
    const s3 = new S3Client({ ...settings, credentials, forcePathStyle: true });
    const sageMaker = new SageMakerClient({ region: REGION, endpoint, credentials });
    try {
      switch (integration) {
        case 'aws-sdk:s3:getObject': return await objectCall(s3, 'getObject', input);
        case 'aws-sdk:s3:putObject': return await objectCall(s3, 'putObject', input);
        case 'aws-sdk:s3:copyObject': return await objectCall(s3, 'copyObject', input);
        case 'aws-sdk:codecommit:getBranch': return await getBranch(input, { endpoint: codeCommit, region: REGION, credentials });
        default: return await new JobCalls(sageMaker, isWanted).run(integration, input);
      }
    } finally {
      s3.destroy();
      sageMaker.destroy();
    }
  }
}
