import { DescribeProcessingJobCommand, ListTagsCommand } from '@aws-sdk/client-sagemaker';
import { JobCalls } from '../../../local/states/jobs';
import { processingRequest, startJobFixture, trainingRequest, type JobFixture } from '../sagemaker/container-jobs/job-fixture';
import { containing } from '../sagemaker/requests';

const PROCESSING = 'sagemaker:createProcessingJob.sync';
const TRAINING = 'sagemaker:createTrainingJob.sync';
let jobs: JobFixture;

beforeAll(async () => {
  jobs = await startJobFixture();
});
afterAll(async () => {
  await jobs.close();
});

const calls = (isWanted = true): JobCalls => new JobCalls(jobs.fixture.handler, () => Promise.resolve(isWanted), 20);

describe('a task that runs a job', () => {
  test('gives the description of a training job that ended well, with times in milliseconds', async () => {
    const metrics = { MetricDefinitions: [{ Name: 'error', Regex: 'error: (.*)' }] };
    const request = trainingRequest('good-training', 'echo error: 1.5; echo x > /opt/ml/model/model.onnx');
    const AlgorithmSpecification = { ...request.AlgorithmSpecification, ...metrics };
    const described = await calls().run(TRAINING, { ...request, AlgorithmSpecification });
    expect(described).toMatchObject({
      TrainingJobName: 'good-training', TrainingJobStatus: 'Completed', FinalMetricDataList: [{ MetricName: 'error', Value: 1.5 }],
      ModelArtifacts: { S3ModelArtifacts: 's3://output/trained/good-training/output/model.tar.gz' },
    });
    expect(described).toHaveProperty('CreationTime', expect.any(Number));
    expect(described).not.toHaveProperty('$metadata');
  });

  test('marks the job as Step Functions does', async () => {
    await calls().run(PROCESSING, { ...processingRequest('marked'), Tags: [{ Key: 'team', Value: 'a' }] });
    const { ProcessingJobArn: ResourceArn } = await jobs.fixture.root.send(new DescribeProcessingJobCommand({ ProcessingJobName: 'marked' }));
    const { Tags } = await jobs.fixture.root.send(new ListTagsCommand({ ResourceArn }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'a' }, { Key: 'MANAGED_BY_AWS', Value: 'STARTED_BY_STEP_FUNCTIONS' }]);
  });

  test('fails with the description of a job that failed', async () => {
    const failed = calls().run(PROCESSING, { ...processingRequest('bad', 'mkdir -p /opt/ml/output; echo no data > /opt/ml/output/message; exit 3') });
    await expect(failed).rejects.toMatchObject({ name: 'States.TaskFailed', message: containing('"ProcessingJobStatus":"Failed"') });
    await expect(failed).rejects.toMatchObject({ message: containing('"ExitMessage":"no data') });
  });

  test('fails with the error of the service by the name that Step Functions has for it', async () => {
    await calls().run(PROCESSING, { ...processingRequest('twice') });
    await expect(calls().run(PROCESSING, { ...processingRequest('twice') })).rejects.toMatchObject({ name: 'SageMaker.ResourceInUseException' });
  });

  test('fails with the general error of the service where the role may not', async () => {
    jobs.fixture.authority.allowed = (action) => action !== 'sagemaker:AddTags';
    await expect(calls().run(PROCESSING, { ...processingRequest('untagged') })).rejects.toMatchObject({
      name: 'SageMaker.AmazonSageMakerException', message: containing('Error Code: AccessDeniedException'),
    });
    jobs.fixture.authority.allowed = () => true;
  });

  test('fails before any call where the input breaks the model', async () => {
    const wrong = calls().run(PROCESSING, { ProcessingJobName: '-' });
    await expect(wrong).rejects.toMatchObject({ name: 'States.Runtime', message: containing('processingJobName') });
    expect(jobs.fixture.log).not.toContainEqual(expect.objectContaining({ input: expect.objectContaining({ ProcessingJobName: '-' }) as unknown }));
  });

  test.each([
    ['processing', PROCESSING, 'ProcessingJobStatus', () => processingRequest('stopped', 'sleep 600')],
    ['training', TRAINING, 'TrainingJobStatus', () => trainingRequest('stopped', 'sleep 600')],
  ] as const)('stops the %s job that nobody waits for any more', async (_, integration, status, request) => {
    const stopped = calls(false).run(integration, { ...request() });
    await expect(stopped).rejects.toMatchObject({ name: 'States.TaskFailed', message: containing(`"${status}":"Stopped"`) });
  });
});
