import { CaptureDataStatus } from '../../../agent/generated/agent';
import { AgentProcess, scratchFolder, waitFor } from '../support/agent-process';
import { CredentialServer, writeCredentialFiles } from '../support/credential-server';
import { cloudSettings, S3Server } from '../support/s3-server';
import { capture } from '../support/tensors';

let s3: S3Server;
let credentials: CredentialServer;
let agent: AgentProcess;
beforeEach(async () => {
  s3 = await S3Server.start();
  credentials = await CredentialServer.start();
});
afterEach(async () => {
  await agent.stop('SIGKILL');
  await Promise.all([s3.close(), credentials.close()]);
});

/** An agent with a device certificate, on a machine that has other credentials too. */
async function start(): Promise<AgentProcess> {
  const folder = scratchFolder();
  const files = writeCredentialFiles(folder);
  const settings = cloudSettings(s3);
  return AgentProcess.start({
    folder, environment: settings.environment,
    config: {
      ...settings.config, sagemaker_edge_provider_provider: 'Aws', sagemaker_edge_core_iot_thing_name: 'thing-1', sagemaker_edge_core_capture_data_batch_size: 1,
      sagemaker_edge_provider_aws_ca_cert_file: files.caCertFile, sagemaker_edge_provider_aws_cert_file: files.certFile,
      sagemaker_edge_provider_aws_cert_pk_file: files.keyFile, sagemaker_edge_provider_aws_iot_cred_endpoint: credentials.endpoint.href,
    },
  });
}

it('captures go up with the device\'s own credentials', async () => {
  agent = await start();
  const request = capture('m');
  await agent.calls.captureData(request);
  await waitFor('the upload', async () => (await agent.calls.captureStatus(request.captureId)).status === CaptureDataStatus.SUCCESS);
  expect(s3.authorization).toContain('Credential=ASIA1/');
  expect(s3.securityToken).toBe('token');
  expect(credentials.seen).toMatchObject([{ thing: 'thing-1', subject: 'device certificate' }]);
  expect(agent.stderr).not.toMatch(/secret|token/);
}, 30_000);

it('a refused certificate is reported, and no other credentials of the machine are used', async () => {
  credentials.answer = { status: 403, body: '{"message":"Access Denied"}' };
  agent = await start();
  const request = capture('m');
  await agent.calls.captureData(request);
  const warning = await agent.waitForLog('captures cannot be uploaded');
  expect(warning.reason).toMatch(/answered 403: Access Denied \(the usual causes: the certificate is not ACTIVE/);
  expect(s3.attempts).toBe(0);
  expect((await agent.calls.captureStatus(request.captureId)).status).toBe(CaptureDataStatus.IN_PROGRESS);
  credentials.give(3600);
  await waitFor('the upload', () => s3.ids().length === 1);
}, 30_000);
