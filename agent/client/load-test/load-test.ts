import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { arch, cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { reportOf } from '../../../lambda/endpoint/report/report';
import { reportTable } from '../../../lambda/endpoint/report/table';
import { RUN_VERSION, type EdgeRun } from '../../../lambda/endpoint/report/run';
import { readInputs, toProtocol } from '../inputs';
import { Meter } from './meter';
import { Proc } from './proc';
import { climb } from './staircase';
import type { AgentCalls } from '../calls';
import type { Answer } from '../run';
import type { LoadTestOptions } from './options';

/** Loads a model of the agent with a staircase of concurrent predictions, and reports what the device bears. */
export async function loadTest(name: string, options: LoadTestOptions, socketPath: string, calls: AgentCalls): Promise<Answer> {
  const { plan, limits, predict, deviceName, outputFile } = options;
  const { model } = await calls.describeModel(name);
  const { tensors, notes } = await readInputs(predict.files, model?.inputTensorMetadatas ?? [], predict.inputs);
  const request = tensors.map(toProtocol);
  await calls.predict(name, request); // a request that the agent refuses ends here, and a first prediction is slower than others
  const agentPid = findAgent(socketPath);
  const startedAt = new Date().toISOString();
  const stop = new AbortController();
  const onInterrupt = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onInterrupt);
  const climbed = await climb({ plan, limits }, () => calls.predict(name, request), new Meter(agentPid), stop.signal)
    .finally(() => process.off('SIGINT', onInterrupt));
  const [cpu] = cpus();
  const run: EdgeRun = {
    version: RUN_VERSION, kind: 'edge', runId: randomUUID(), startedAt, endedAt: new Date().toISOString(), deviceName, modelName: name,
    hardware: { cpu: cpu?.model.trim() ?? '', cores: cpus().length, memoryMiB: Math.round(totalmem() / 2 ** 20), architecture: arch() },
    payloads: { count: 1, bytes: tensors.reduce((sum, { data }) => sum + data.length, 0) }, contentType: 'AWS.SageMaker.Edge tensors',
    limits, plan, ...climbed,
  };
  if (outputFile !== undefined) {
    await writeFile(outputFile, `${JSON.stringify(run, undefined, 2)}\n`);
  }
  const report = reportOf({ edge: run, now: new Date() });
  return {
    json: report,
    lines: reportTable(report).split('\n'),
    notes: [
      ...notes,
      ...agentPid === undefined ? ['the agent\'s process is not this user\'s: its CPU and the machine\'s are not measured'] : [],
      ...outputFile === undefined ? [] : [`the run is in ${resolve(outputFile)}`],
    ],
  };
}

/** Undefined: /proc does not say. */
function findAgent(socketPath: string): number | undefined {
  try {
    return new Proc().listenerOf(socketPath);
  } catch {
    return undefined; // not Linux
  }
}
