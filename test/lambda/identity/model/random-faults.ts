import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { Mishaps } from '../../cloudformation/stack-model';
import type { Fault } from './fault';
import type { IdentityCloud } from './identity-cloud';

/** A fault of a random history, before it is known when. */
export interface RandomFault {
  readonly operation: string;
  readonly kind: Fault['kind'];
  /** Of `throttled` and `denied`, in milliseconds. */
  readonly lasts: number;
  /** Of `lost` and `killed`. */
  readonly times: number;
}

export interface FaultRange {
  readonly operations: readonly string[];
  readonly kinds: readonly Fault['kind'][];
  readonly times: readonly number[];
  /** Throttling that an SDK client rides out, in milliseconds. */
  readonly transient: number;
}

export function randomFault({ operations, kinds, times, transient }: FaultRange): fc.Arbitrary<RandomFault> {
  return fc.record({
    operation: fc.constantFrom(...operations), kind: fc.constantFrom(...kinds),
    lasts: fc.oneof(fc.integer({ min: 0, max: transient }), fc.integer({ min: transient, max: 300_000 })), times: fc.constantFrom(...times),
  });
}

/** Puts faults upon a cloud, in place of those before. @returns whether no deployment may fail of them */
export function strike({ line, time }: IdentityCloud, faults: readonly RandomFault[], transient: number): boolean {
  line.faults.length = 0;
  for (const { operation, kind, lasts, times } of faults) {
    line.faults.push(kind === 'lost' || kind === 'killed' ? { operation, kind, times } : { operation, kind, until: time.now + lasts });
  }
  return faults.every(({ kind, lasts, times }) => (kind === 'throttled' && lasts <= transient) || (kind === 'lost' && times === 1));
}

/** Somebody who puts the faults right, where a deployment may fail of them. */
export function repairing(cloud: IdentityCloud, harmless: boolean, further: () => void = () => undefined): Pick<Mishaps, 'repair'> {
  const { line, time } = cloud;
  const repair = async () => {
    await time.sleep(600_000);
    line.faults.length = 0;
    further();
  };
  return harmless ? {} : { repair };
}

/** What native resources take: each another part of up to four times `slow` milliseconds, dealt out by `order`. */
export function durations(slow: number, order: number): (logicalId: string) => number {
  return (logicalId) => slow * (createHash('sha256').update(`${logicalId} ${order}`).digest()[0] ?? 0) / 64;
}
