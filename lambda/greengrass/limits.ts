import type { ComponentArtifactsType } from '../../lib/greengrass/private/contract';
import type { Limits } from '../shared/lifecycle';

/** S3 copies an object of 5 GB within the call. */
export const COPY_MS = 600_000;
/** Many devices are many calls. */
const CALLS_MS = 300_000;
const ARTIFACTS: ComponentArtifactsType = 'Custom::SageMakerEdge-ComponentArtifacts';

export const LIMITS: Limits = { phase: (type) => type === ARTIFACTS ? COPY_MS : CALLS_MS, total: 58 * 60_000 };
