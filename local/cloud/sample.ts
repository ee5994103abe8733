import type { LocalCloud } from './cloud';
import { deployApp, destroyApp } from './deploy-app';
import { showFleetHealth } from './fleet-health';
import type { Workload } from './launch';
import type { Progress } from './progress';
import { predictFile, predictText } from './prediction';
import { report, stackOutputs } from './report';
import type { Session } from './session';

const STACK = 'EdgeSample';
/** The sample's own name of its model. */
const MODEL = 'text-recogniser';
/** A person waits for the first report. */
const REPORT_SECONDS = '5';

export interface SampleOptions {
  /** The sample's way from model to device. */
  readonly delivery: string;
  /** Of the app, beside the delivery. */
  readonly context: Readonly<Record<string, string>>;
  /** The model is the user's: nobody knows what it answers. */
  readonly ownModel: boolean;
  /** What the user's model gets. Without it there is no prediction. */
  readonly picture?: string;
}

/** The sample app of this checkout. */
export class Sample implements Workload {
  public readonly canBeMended = false;

  public constructor(private readonly options: SampleOptions) {}

  public async deploy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step(`cdk deploy of the sample (delivery=${this.options.delivery})`, async () => {
      await deployApp(cloud, progress, 'bin/sample.ts', {
        delivery: this.options.delivery,
        reportSeconds: REPORT_SECONDS,
        ...process.arch === 'arm64' && { target: 'LINUX/ARM64' }, // the local devices have this machine's processor
        ...this.options.context,
      });
    });
  }

  public async show(cloud: LocalCloud, progress: Progress, session: Session): Promise<void> {
    const lines = await progress.step(
      'reading back what was made',
      async () => session.step(async () => report(cloud.clients, STACK, this.options.delivery)),
    );
    for (const line of lines) {
      progress.note(line);
    }
    const outputs = await stackOutputs(cloud.clients, STACK);
    const predicted = await this.predict(cloud, progress, session, outputs.get('CaptureLocation') ?? '');
    const dashboard = outputs.get('DashboardName');
    if (dashboard !== undefined) {
      const health = await progress.step('what the devices report', async () => (
        session.step(async () => showFleetHealth(cloud.clients, dashboard, predicted))));
      for (const line of health) {
        progress.note(line);
      }
    }
  }

  public async destroy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step('cdk destroy of the sample', async () => destroyApp(cloud));
  }

  /** Whether there was one. */
  private async predict(cloud: LocalCloud, progress: Progress, session: Session, captures: string): Promise<boolean> {
    const { ownModel, picture } = this.options;
    if (ownModel && picture === undefined) {
      progress.note('no prediction: give the model an input with --picture <file> (an image, .npy, or raw bytes)');
      return false;
    }
    const modelName = this.options.context.modelName ?? MODEL;
    const read = await progress.step('a prediction on the device', async () => (
      picture === undefined ? predictText(cloud, session, modelName, captures) : predictFile(cloud, session, modelName, captures, picture)
    ));
    for (const line of read) {
      progress.note(line);
    }
    return true;
  }
}
