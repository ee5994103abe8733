import { DescribeProcessingJobCommand } from '@aws-sdk/client-sagemaker';
import {
  DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand, type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { isNamed } from '../../local/service/errors';
import { TestCloud } from './harness';

const app = 'test/deploy/fixtures/state-machine-app.ts';

describe('a state machine that runs jobs, in the local cloud', () => {
  let cloud: TestCloud;
  let machines: Record<string, string> = {};

  const start = async (name: string, script: string, { limit = 600, machine = 'Arn' } = {}): Promise<string> => {
    const input = JSON.stringify({ script, limit });
    const request = new StartExecutionCommand({ stateMachineArn: machines[machine], name, input });
    const { executionArn = '' } = await cloud.cloud.clients.stepFunctions.send(request);
    return executionArn;
  };
  const statusOf = async (executionArn: string): Promise<string | undefined> => (
    (await cloud.cloud.clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status
  );
  const ended = async (executionArn: string): Promise<DescribeExecutionCommandOutput> => {
    for (;;) {
      const described = await cloud.cloud.clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      if (described.status !== 'RUNNING') {
        return described;
      }
    }
  };
  /** Undefined as long as there is no such job. */
  const job = async (ProcessingJobName: string): Promise<string | undefined> => {
    try {
      const { sageMaker } = cloud.cloud.clients;
      return (await sageMaker.send(new DescribeProcessingJobCommand({ ProcessingJobName }))).ProcessingJobStatus;
    } catch (error) {
      if (isNamed(error, 'ValidationException', 'ResourceNotFound')) {
        return undefined;
      }
      throw error;
    }
  };

  beforeAll(async () => {
    cloud = await TestCloud.start('state-machine');
    await cloud.deploy({ app });
    machines = await cloud.outputs('Machine');
  });
  afterAll(async () => {
    await cloud.stop();
  });

  test('fails with the description of a job that failed', async () => {
    const { cause, error, status } = await ended(await start('failing', 'exit 3'));
    expect({ error, status }).toEqual({ error: 'States.TaskFailed', status: 'FAILED' });
    expect(JSON.parse(cause ?? '')).toMatchObject({ ProcessingJobName: 'failing', ProcessingJobStatus: 'Failed' });
  });

  test('stops its job when it is stopped', async () => {
    const executionArn = await start('long', 'sleep 600');
    while (await job('long') !== 'InProgress') {
      expect(await statusOf(executionArn)).toBe('RUNNING');
    }
    await cloud.cloud.clients.stepFunctions.send(new StopExecutionCommand({ executionArn }));
    let status: string | undefined;
    while (status !== 'Stopped') {
      status = await job('long');
    }
  });

  test('fails when its job takes longer than the state allows, and stops the job', async () => {
    expect(await ended(await start('slow', 'sleep 600', { limit: 2 }))).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    let status: string | undefined;
    while (status !== 'Stopped') {
      status = await job('slow');
    }
  });

  test('is refused what its role may not', async () => {
    const { error, cause } = await ended(await start('refused', 'true', { machine: 'Refused' }));
    expect(error).toBe('SageMaker.AmazonSageMakerException');
    expect(cause).toMatch(/is not authorized to perform: sagemaker:CreateProcessingJob .*Error Code: AccessDeniedException/);
  });

  test('waits for its job, catches that there is no object, and finds its record the next time', async () => {
    expect(await ended(await start('first', 'true'))).toMatchObject({ status: 'SUCCEEDED', output: '{"ran": "first"}' });
    expect(await ended(await start('second', 'exit 1'))).toMatchObject({ status: 'SUCCEEDED', output: '{"found": "first"}' });
  });

  test('is deleted without a trace', async () => {
    await cloud.destroy({ app });
    expect(await cloud.leftovers()).toEqual([]);
  });
});
