import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { AgentConfig, CaptureDestination } from '../../../lib';

const SCRIPT = path.join(__dirname, '..', '..', '..', 'agent', 'scripts', 'greengrass', 'configure.js');

/** With a value for each number that there is. */
function everyNumber(): Record<string, string | number | boolean> {
  const config = new AgentConfig({
    captureDestination: CaptureDestination.DISK, captureBufferSize: 20, captureBatchSize: 2, capturePushPeriod: Duration.seconds(5),
    captureEmbedLimit: Size.kibibytes(1), captureSpoolLimit: Size.mebibytes(2), memoryBudget: Size.gibibytes(1), intraOpThreads: 2,
    heartbeatPeriod: Duration.minutes(1), metricsPeriod: Duration.minutes(2),
    health: { ruleName: 'reports', reportPeriod: Duration.seconds(7) },
    automaticCapture: { dailyBudget: 20, confidenceBelow: 0.5, sampleShare: 0.01 },
  });
  return config._renderShared(new Stack(new App(), 'S'), { fleetName: 'line' });
}

test('a number of the agent is a number again on a core device, where the configuration of a component has texts', () => {
  const rendered = Object.entries(everyNumber());
  const texts = Object.fromEntries(rendered.map(([key, value]) => [key, String(value)]));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'configure-'));
  const file = path.join(folder, 'config.json');
  execFileSync(process.execPath, [SCRIPT, folder, file], {
    cwd: folder, env: { AWS_IOT_THING_NAME: 'camera', AWS_REGION: 'us-east-1', EDGE_AGENT_CONFIG: JSON.stringify(texts) },
  });
  const written = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  fs.rmSync(folder, { recursive: true });
  const numbers = rendered.filter(([, value]) => typeof value === 'number').map(([key]) => key);
  expect(numbers).toEqual(expect.arrayContaining([
    'sagemaker_edge_health_report_period_seconds', 'sagemaker_edge_capture_daily_budget', 'sagemaker_edge_capture_confidence_below',
  ]));
  expect(numbers.filter((key) => typeof written[key] !== 'number')).toEqual([]);
});
