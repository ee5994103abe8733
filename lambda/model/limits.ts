import type { Limits } from '../shared/lifecycle';

/** A model is packaged within one invocation, with time left to say that it was not. */
export const WORK_MS = 720_000;
export const PHASE_MS = WORK_MS + 30_000;
export const LIMITS: Limits = { phase: () => PHASE_MS, total: 58 * 60_000 };
