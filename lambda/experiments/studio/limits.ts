import type { Limits } from '../../shared/lifecycle';

/** Of one phase: a few lists, and a call for each application. An application takes some minutes to end. */
export const LIMITS: Limits = { phase: () => 120_000, total: () => 50 * 60_000 };
