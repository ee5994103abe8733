import type { Limits } from '../shared/lifecycle';

/** Of one phase: a few calls, each of which is repeated where the service throttles it. A build takes half an hour at most. */
export const LIMITS: Limits = { phase: () => 120_000, total: () => 40 * 60_000 };
