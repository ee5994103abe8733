import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateEdgePackagingJobCommand } from '@aws-sdk/client-sagemaker';
import { DataType, type Tensor } from '../../../agent/generated/agent';
import { untar } from '../../../local/sagemaker/archive';
import { ROLE, startFixture, type Fixture } from '../../local/sagemaker/fakes';
import { compilationRequest, compiled, packagingEnd } from '../../local/sagemaker/requests';
import { AgentProcess, scratchFolder } from '../support/agent-process';
import { identityModel } from '../support/models';
import { bytes, floats } from '../support/tensors';

jest.setTimeout(60_000); // jobs and an agent, on a busy machine

const folder = scratchFolder();
const MODEL = identityModel('float32', ['n', 3, 'w']);
let jobs: Fixture;
let agent: AgentProcess;
beforeAll(async () => {
  jobs = await startFixture();
  agent = await AgentProcess.start({ folder });
  await jobs.storage.putArchive('identity.tar.gz', { 'model.onnx': MODEL });
  await compiled(jobs, compilationRequest('compiled', {
    InputConfig: { S3Uri: 's3://models/identity.tar.gz', Framework: 'ONNX', DataInputConfig: '{"x":[1,3,2]}' },
  }));
  await jobs.root.send(new CreateEdgePackagingJobCommand({
    EdgePackagingJobName: 'packaged', CompilationJobName: 'compiled', ModelName: 'identity', ModelVersion: '1.0', RoleArn: ROLE,
    OutputConfig: { S3OutputLocation: 's3://output/packaged' },
  }));
  const { ModelArtifact } = await packagingEnd(jobs, 'packaged');
  mkdirSync(join(folder, 'identity'));
  for (const [name, content] of await untar(jobs.storage.get(ModelArtifact))) {
    writeFileSync(join(folder, 'identity', name), content);
  }
  await agent.calls.loadModel('identity', join(folder, 'identity'));
});
afterAll(async () => {
  await agent.stop();
  await jobs.close();
});

const shaped = (shape: number[]): Tensor => ({ ...floats('x', [1, 3, 2]), tensorMetadata: { name: 'x', dataType: DataType.FLOAT32, shape } });

it('ListModels has the shapes of the compilation job, where the model leaves dimensions open', async () => {
  const { models } = await agent.calls.listModels();
  expect(models.map((model) => model.inputTensorMetadatas)).toEqual([[{ name: 'x', dataType: DataType.FLOAT32, shape: [1, 3, 2] }]]);
});

it.each([[[]], [[-1, 3, -1]], [[1, 3, -1]], [[1, 3, 2]]])('a request with the shape [%s] has those of the compilation job', async (shape) => {
  const { tensors: [output] } = await agent.calls.predict('identity', [shaped(shape)]);
  expect(output?.tensorMetadata?.shape).toEqual([1, 3, 2]);
  expect(bytes(output)).toEqual(bytes(shaped(shape)));
});
