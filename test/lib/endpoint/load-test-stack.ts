import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, aws_ecr as ecr, aws_sagemaker as sagemaker, Stack } from 'aws-cdk-lib';
import { EndpointLoadTest, LoadTestImage, LoadTestScenario, type EndpointLoadTestProps } from '../../../lib';

/** A folder of the test file's own, with one payload. */
export const FOLDER = fs.mkdtempSync(path.join(os.tmpdir(), 'load-test-'));
export const PAYLOAD = path.join(FOLDER, 'payload.json');
fs.writeFileSync(PAYLOAD, '{"inputs":[]}');

afterAll(() => {
  fs.rmSync(FOLDER, { recursive: true });
});

/** A load test of the payload with an image that is given. */
export function stackWith(props: Partial<EndpointLoadTestProps> = {}): { stack: Stack; test: EndpointLoadTest } {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  const endpoint = new sagemaker.CfnEndpoint(stack, 'Endpoint', { endpointConfigName: 'config' });
  const repository = ecr.Repository.fromRepositoryName(stack, 'Given', 'load-test');
  const test = new EndpointLoadTest(stack, 'LoadTest', {
    endpoint, scenario: LoadTestScenario.payload(PAYLOAD), image: LoadTestImage.fromEcr(repository, '1'), ...props,
  });
  return { stack, test };
}
