import { RoleRunner } from '../../../local/states/role-runner';
import type { IntegrationTask } from '../../../local/states/activity';
import { FakeAuthority, HANDLER_KEY, ROLE, SECRET, startFixture, type Fixture } from '../sagemaker/fakes';
import { processingRequest } from '../sagemaker/container-jobs/job-fixture';
import { containing } from '../sagemaker/requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(async () => {
  await fixture.close();
});

const task = (name: string): IntegrationTask => ({ execution: 'e', integration: 'sagemaker:createProcessingJob.sync', input: { ...processingRequest(name) } });

class Known extends FakeAuthority {
  public readonly registered: string[] = [];

  public register(accessKeyId: string): void {
    this.registered.push(accessKeyId);
  }
}

function runner(authority: Known): RoleRunner {
  return new RoleRunner({
    authority, sageMaker: fixture.standIn.url, codeCommit: 'http://127.0.0.1:1', s3: { region: 'us-east-1', endpoint: 'http://127.0.0.1:1' },
    sessions: {
      during: (roleArn, _options, work) => work({
        effectiveRoleArn: roleArn, expiration: new Date(), credentials: { accessKeyId: HANDLER_KEY, secretAccessKey: SECRET, sessionToken: 'token' },
      }),
    },
  });
}

describe('a task is done with the role of its state machine', () => {
  test('whose session is known to all stand-ins', async () => {
    const authority = new Known();
    await expect(runner(authority).run(task('as-role'), ROLE, () => Promise.resolve(true))).resolves.toMatchObject({ ProcessingJobStatus: 'Completed' });
    expect(authority.registered).toEqual([HANDLER_KEY]);
  });

  test('and fails where Step Functions may not assume it', async () => {
    const authority = new Known();
    authority.trusted.clear();
    await expect(runner(authority).run(task('untrusted'), ROLE, () => Promise.resolve(true))).rejects.toMatchObject({
      name: 'States.TaskFailed', message: containing('states.amazonaws.com'),
    });
  });

  test.each(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'])('and fails without %s on the rule of Step Functions', async (missing) => {
    const authority = new Known();
    authority.allowed = (action) => action !== missing;
    await expect(runner(authority).run(task('no-rule'), ROLE, () => Promise.resolve(true))).rejects.toMatchObject({
      name: 'States.TaskFailed',
      message: containing(`${missing} on resource: arn:aws:events:us-east-1:000000000000:rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule`),
    });
  });
});
