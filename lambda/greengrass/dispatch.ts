import type { ComponentArtifactsType, FleetRevisionType, FleetRolloutType, ThingGroupMembershipType } from '../../lib/greengrass/private/contract';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import { whileRightsSpread } from '../shared/rights';
import type { Surroundings } from './clients';
import { ComponentArtifactsHandler } from './component-artifacts';
import { isWaiting, type Handler, type Started, type WaitingEvent } from './events';
import { MembershipHandler } from './membership';
import { RevisionHandler } from './revision';
import { RolloutHandler } from './rollout';

type ResourceType = ComponentArtifactsType | ThingGroupMembershipType | FleetRevisionType | FleetRolloutType;

const HANDLERS: Readonly<Record<ResourceType, new (surroundings: Surroundings) => Handler>> = {
  'Custom::SageMakerEdge-ComponentArtifacts': ComponentArtifactsHandler,
  'Custom::SageMakerEdge-ThingGroupMembership': MembershipHandler,
  'Custom::SageMakerEdge-FleetRevision': RevisionHandler,
  'Custom::SageMakerEdge-FleetRollout': RolloutHandler,
};

/** Both phases of each resource type; what `onEvent` answered is in the events of the second. */
export function dispatch(event: ResourceEvent | WaitingEvent, surroundings: Surroundings): Promise<Started | IsCompleteResult> {
  const found = Object.entries(HANDLERS).find(([type]) => type === event.ResourceType);
  if (!found) { throw new Error(`resource type must be one of ${Object.keys(HANDLERS).join(', ')}, got ${event.ResourceType}`); }
  const handler = new found[1](surroundings);
  return isWaiting(event) ? whileRightsSpread(surroundings.now() - event.Since, () => handler.isComplete(event)) : handler.onEvent(event);
}
