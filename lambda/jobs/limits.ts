import type { Limits } from '../shared/lifecycle';

const MINUTE = 60_000;

/** No start call can be on its way after this. */
export const PHASE_MS = MINUTE;
export const LIMITS: Limits = { phase: () => PHASE_MS, total: 60 * MINUTE };
