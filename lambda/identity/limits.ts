import type { Limits } from '../shared/lifecycle';

/** A call that is being repeated ends by then. */
export const PHASE_MS = 120_000;
export const LIMITS: Limits = { phase: () => PHASE_MS, total: 15 * 60_000 };
