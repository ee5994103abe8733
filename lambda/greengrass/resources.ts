import type {
  ComponentArtifactsType, FleetRevisionType, FleetRolloutType, ThingGroupMembershipType,
} from '../../lib/greengrass/private/contract';
import type { HandlerTable } from '../shared/resource-handler';
import { ComponentArtifactsHandler } from './component-artifacts';
import type { Dependencies } from './dependencies';
import { MembershipHandler } from './membership';
import { RevisionHandler } from './revision';
import { RolloutHandler } from './rollout';

type ResourceType = ComponentArtifactsType | ThingGroupMembershipType | FleetRevisionType | FleetRolloutType;

/** The custom resources that this function serves. */
export const RESOURCES: HandlerTable<ResourceType, Dependencies> = {
  'Custom::SageMakerEdge-ComponentArtifacts': (dependencies) => new ComponentArtifactsHandler(dependencies),
  'Custom::SageMakerEdge-ThingGroupMembership': (dependencies) => new MembershipHandler(dependencies),
  'Custom::SageMakerEdge-FleetRevision': (dependencies) => new RevisionHandler(dependencies),
  'Custom::SageMakerEdge-FleetRollout': (dependencies) => new RolloutHandler(dependencies),
};
