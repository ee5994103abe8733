import type { Limits } from '../shared/lifecycle';

const MINUTE = 60_000;
/** A model is packaged within one invocation, with time left to say that it was not. */
export const WORK_MS = 11 * MINUTE;
export const PHASE_MS = WORK_MS + MINUTE / 2;
export const LIMITS: Limits = { phase: () => PHASE_MS, total: () => 22 * MINUTE };
