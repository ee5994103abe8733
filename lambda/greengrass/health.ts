import { ignoringNotFound } from '../shared/errors';
import type { Dependencies } from './dependencies';
import type { DoneDevice } from './devices';

/** A deployment succeeds when its components have started. One that ends right away is BROKEN some seconds later, after three tries. */
const SETTLE_MS = 10_000;
/** BROKEN lasts. Until then the device may be saying so of what the deployment has just mended. */
const PATIENCE_MS = 30_000;

/** Devices that have carried a deployment out and are not healthy, each with its words. */
export interface Health {
  /** A device reports by itself, some time after its deployment. */
  readonly unsure: readonly string[];
  readonly unhealthy: readonly string[];
}

/** Asks each device. Where it is late, what a device says now is what counts. */
export async function healthOf(dependencies: Dependencies, devices: readonly DoneDevice[], late: boolean): Promise<Health> {
  const health = { unsure: [] as string[], unhealthy: [] as string[] };
  for (const { name, since } of devices) {
    const device = await ignoringNotFound(() => dependencies.greengrass.getCoreDevice({ coreDeviceThingName: name }));
    const [status, reported] = [device?.status, device?.lastStatusUpdateTimestamp];
    const age = dependencies.now() - since;
    if (status === 'HEALTHY' && (late || age >= SETTLE_MS)) {
      continue;
    }
    const words = `${name}: ${status ?? 'no status yet'}${reported === undefined ? '' : `, reported at ${reported.toISOString()}`}`;
    const lasting = status === 'UNHEALTHY' && reported !== undefined && reported.getTime() >= since && age >= PATIENCE_MS;
    (lasting ? health.unhealthy : health.unsure).push(words);
  }
  return health;
}
