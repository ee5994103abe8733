import type { ComponentArtifactsType } from '../../lib/greengrass/private/contract';
import type { Limits } from '../shared/lifecycle';

const MINUTE = 60_000;
/** S3 copies an object of 5 GB within the call. */
export const COPY_MS = 10 * MINUTE;
const ARTIFACTS: ComponentArtifactsType = 'Custom::SageMakerEdge-ComponentArtifacts';

export const LIMITS: Limits = {
  phase: (type) => type === ARTIFACTS ? COPY_MS : 5 * MINUTE, // many devices are many calls
  total: (type) => type === ARTIFACTS ? 35 * MINUTE : 58 * MINUTE,
};
