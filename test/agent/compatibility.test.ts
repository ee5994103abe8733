import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureDataStatus } from '../../agent/generated/agent';
import { AgentProcess, filesBelow, scratchFolder, waitFor } from './support/agent-process';
import { writeCredentialFiles } from './support/credential-server';
import { identityModel, writePackage } from './support/models';
import { bytes, capture, floats } from './support/tensors';

jest.setTimeout(60_000); // processes of their own, on a busy machine

const INPUT = floats('x', [2], [1, 2]);
let folder: string;
let agent: AgentProcess | undefined;
beforeEach(() => {
  folder = scratchFolder();
  writePackage(join(folder, 'models', 'com.model.identity'), identityModel('float32', [2]));
});
afterEach(() => agent?.stop('SIGKILL'));

it('relative paths of the configuration and of LoadModel start from the working folder', async () => {
  const workingFolder = join(folder, 'agent');
  mkdirSync(join(workingFolder, 'certificates'), { recursive: true });
  agent = await AgentProcess.start({
    folder, workingFolder,
    config: {
      sagemaker_edge_core_root_certs_path: './certificates',
      sagemaker_edge_core_folder_prefix: '',
      sagemaker_edge_core_capture_data_disk_path: './captures',
      sagemaker_edge_local_data_root_path: undefined,
      sagemaker_edge_models: [{ name: 'at-start', path: '../models/com.model.identity' }],
    },
  });
  await agent.waitForLog('Model:at-start loaded!');
  const { model } = await agent.calls.loadModel('m', '../models/com.model.identity');
  expect(model?.url).toBe('../models/com.model.identity');
  const request = capture('m', { inferenceTimestamp: undefined });
  await agent.calls.captureData(request);
  const { calls } = agent;
  await waitFor('the capture', async () => (await calls.captureStatus(request.captureId)).status === CaptureDataStatus.SUCCESS);
  expect(filesBelow(join(workingFolder, 'captures'))).toEqual([expect.stringMatching(/^fleet-1\/text-recogniser\/\d{4}\/.*\.jsonl$/)]);
});

it('a credential endpoint that cannot be reached stops neither the start nor predictions nor captures', async () => {
  const files = writeCredentialFiles(folder);
  agent = await AgentProcess.start({
    folder,
    config: {
      sagemaker_edge_provider_provider: 'Aws',
      sagemaker_edge_provider_aws_ca_cert_file: files.caCertFile,
      sagemaker_edge_provider_aws_cert_file: files.certFile,
      sagemaker_edge_provider_aws_cert_pk_file: files.keyFile,
      sagemaker_edge_provider_aws_iot_cred_endpoint: 'https://127.0.0.1:9/role-aliases/SageMakerEdge-fleet-1/credentials',
      sagemaker_edge_provider_s3_bucket_name: 'captures-bucket',
      sagemaker_edge_core_capture_data_destination: 'Cloud',
      sagemaker_edge_core_capture_data_periodic_upload: true,
    },
  });
  await agent.calls.loadModel('m', join(folder, 'models', 'com.model.identity'));
  const request = capture('m');
  await agent.calls.captureData(request);
  await agent.waitForLog('captures cannot be uploaded');
  expect(bytes((await agent.calls.predict('m', [INPUT])).tensors[0])).toEqual(bytes(INPUT));
  expect((await agent.calls.captureStatus(request.captureId)).status).toBe(CaptureDataStatus.IN_PROGRESS);
});
