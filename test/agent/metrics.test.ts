import { join } from 'node:path';
import { isRecord } from '../../agent/config/reader';
import { AgentProcess, scratchFolder, waitFor } from './support/agent-process';
import { identityModel, writePackage } from './support/models';
import { floats } from './support/tensors';

it('metrics are written on SIGUSR2 in the embedded metric format, for the agent and each model', async () => {
  const folder = scratchFolder();
  const agent = await AgentProcess.start({ folder });
  await agent.calls.loadModel('m', writePackage(join(folder, 'p'), identityModel('float32', [2])));
  for (let index = 0; index < 5; index += 1) {
    await agent.calls.predict('m', [floats('x', [2])]);
  }
  await expect(agent.calls.predict('m', [])).rejects.toThrow();
  agent.signal('SIGUSR2');
  await waitFor('the lines', () => agent.stdout.split('\n').length > 2);
  const [ofModel, ofAgent] = agent.stdout.split('\n').filter((line) => line !== '').map((line): unknown => JSON.parse(line)).filter(isRecord);
  expect(ofModel).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: 'SageMakerEdgeAgent', Dimensions: [['DeviceFleetName', 'DeviceName', 'ModelName']] }] },
    DeviceFleetName: 'fleet-1', DeviceName: 'camera-1', ModelName: 'm', PredictCount: 5, PredictErrorCount: 1,
  });
  expect(Number(ofModel?.PredictLatencyP50)).toBeGreaterThan(0);
  expect(Number(ofModel?.PredictLatencyP99)).toBeGreaterThanOrEqual(Number(ofModel?.PredictLatencyP50));
  expect(ofAgent).toMatchObject({ PredictCount: 5, ModelsLoaded: 1, CaptureQueue: 0, CaptureSpoolBytes: 0 });
  expect(Number(ofAgent?.MemoryBytes)).toBeGreaterThan(2 ** 24);
  expect(JSON.stringify(ofAgent?._aws)).toContain('{"Name":"MemoryBytes","Unit":"Bytes"}');
  await agent.stop();
}, 30_000);
