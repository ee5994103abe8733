import * as path from 'node:path';
import type { LocalCloud } from '../cloud';
import { deployApp, destroyApp } from '../deploy-app';
import type { Workload } from '../launch';
import type { Progress } from '../progress';
import { experimentsPython } from '../python';
import { demandOutputs } from '../report';
import type { Session } from '../session';
import { ofDevice, ofEndpoint, ofScript, predictionLines, readRows } from './predictions';
import { readRegistered } from './registry';
import { ExperimentsRepository } from './repository';
import { runPipeline, type PipelineResult } from './run';
import { readRuns } from './runs';

const STACK = 'DvcExperiments';
const APP = 'examples/dvc-experiments/app.ts';
/** As many as scripts/evaluate.py keeps. */
const ROWS = 5;

/** The example of versioned data and tracked experiments, from raw data to predictions on a device. */
export class ExperimentsSample implements Workload {
  public readonly canBeMended = false;

  public constructor(private readonly context: Readonly<Record<string, string>>) {}

  public async deploy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step('cdk deploy of data store, tracking and pipeline', async () => deployApp(cloud, progress, APP, this.context));
  }

  public async show(cloud: LocalCloud, progress: Progress, session: Session): Promise<void> {
    const repository = new ExperimentsRepository(cloud, session, await experimentsPython(session, cloud.folder, progress));
    const output = await demandOutputs(cloud.clients, STACK);
    await progress.step('raw data to DVC and git', async () => repository.seed(output('Setup')));
    const result = await progress.step('both trials: process, train, evaluate; the winner: register', async () => (
      session.step(async () => runPipeline(cloud.clients, output('StateMachine')))));
    const [clones, runs, { name, version }] = await Promise.all([ // each waits for servers most of its time
      progress.step('the data of each branch, into an empty clone', async () => repository.pullAll(output('RepositoryUrl'), result.trials)),
      progress.step('the runs, read back from MLflow', async () => readRuns(repository, output('TrackingUri'), result.trials)),
      progress.step('the winner, read back from MLflow\'s model registry', async () => readRegistered(repository, output('TrackingUri'), result)),
    ]);
    for (const line of [...trialLines(result), ...runs, `registered  ${name}, version ${version}: the model of ${result.winner.name}`]) {
      progress.note(line);
    }
    await this.deliver(cloud, progress, result);
    const rows = readRows(path.join(clones.get(result.winner.name) ?? '', 'data', 'test'), ROWS);
    const predictions = await progress.step('predictions by script, endpoint and device', async () => ({
      script: await ofScript(cloud, result.winner.evaluation),
      endpoint: await ofEndpoint(cloud, (await demandOutputs(cloud.clients, STACK))('EndpointName'), rows),
      device: await ofDevice(cloud, session, rows),
    }));
    for (const line of predictionLines(predictions)) {
      progress.note(line);
    }
  }

  public async destroy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step('cdk destroy of the example', async () => destroyApp(cloud));
  }

  private async deliver(cloud: LocalCloud, progress: Progress, { objectVersion, winner }: PipelineResult): Promise<void> {
    await progress.step(`cdk deploy of the winner, ${winner.name}: endpoint and device`, async () => (
      deployApp(cloud, progress, APP, { ...this.context, winner: objectVersion })));
  }
}

function trialLines({ trials, winner }: PipelineResult): string[] {
  return trials.flatMap(({ name, branch, commit, files, metrics }) => [
    `${name === winner.name ? 'winner' : 'trial'}  ${name}  branch ${branch}, commit ${commit}`,
    ...Object.entries(files).map(([file, digest]) => `  ${file}  ${digest}, pulled and verified`),
    ...Object.entries(metrics).map(([metric, value]) => `  ${metric}  ${value}`),
  ]);
}
