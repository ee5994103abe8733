import { REGION } from '../service/account';
import type { CallerAuthority, RequestLog } from '../service/contracts';
import { openDoor } from '../service/door';
import type { RunningServer } from '../service/http-server';
import { Service } from '../service/service';
import type { ScaledWorld } from './contracts';
import { ScalableTargets } from './targets';
import { TargetTracker } from './tracker';

export interface ScalingOptions {
  readonly authority: Pick<CallerAuthority, 'identify' | 'authorize' | 'mayPassRole'>;
  readonly world: ScaledWorld;
  /** Length of what is one minute on AWS, in seconds. */
  readonly periodSeconds: number;
  readonly log: RequestLog;
}

/**
 * A stand-in for Application Auto Scaling, which the emulator lacks: scalable targets of SageMaker's variants, and
 * target-tracking policies that act on the emulator's metrics. Not modelled: step scaling, scheduled and predictive scaling,
 * metric math, high-resolution metrics; the alarms that AWS makes for a policy.
 */
export async function startScaling({ authority, world, periodSeconds, log }: ScalingOptions): Promise<RunningServer> {
  const targets = new ScalableTargets();
  const table = targets.operations();
  const tracker = new TargetTracker({ targets, world, periodSeconds });
  const service = new Service({ id: 'Application Auto Scaling', operations: () => table, authority });
  const server = await openDoor({ region: REGION, authority, log, services: [service] });
  return {
    ...server,
    close: async () => {
      await Promise.all([server.close(), tracker.close()]);
    },
  };
}
