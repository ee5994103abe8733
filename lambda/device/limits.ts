import type { Limits } from '../shared/lifecycle';

/** A manifest is written by then. */
export const PHASE_MS = 60_000;
export const LIMITS: Limits = { phase: () => PHASE_MS, total: 3_600_000 };
