import type { Limits } from '../shared/lifecycle';

/** No start call can be on its way after this. */
export const PHASE_MS = 60_000;
export const TOTAL_MS = 60 * 60_000;
export const LIMITS: Limits = { phase: () => PHASE_MS, total: () => TOTAL_MS };
