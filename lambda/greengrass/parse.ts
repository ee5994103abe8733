import type {
  ArtifactCopy, ComponentArtifactsProperties, FleetRevisionProperties, FleetRolloutProperties, ThingGroupMembershipProperties,
} from '../../lib/greengrass/private/contract';
import type { PropertyReader } from '../shared/properties';

/** A fleet's rollout with its numbers as such. */
export interface Rollout extends Pick<FleetRolloutProperties, 'DeploymentId' | 'Owner' | 'TargetArn' | 'ThingGroupName'> {
  readonly waitSeconds: number;
  /** Undefined: all of the group. */
  readonly things: readonly string[] | undefined;
  readonly uninstallSeconds: number;
}

/** A membership with its flag as such. */
export interface Membership extends Pick<ThingGroupMembershipProperties, 'ThingGroupName' | 'ThingName'> {
  readonly deleteCoreDevice: boolean;
}

export function parseArtifacts(properties: PropertyReader): ComponentArtifactsProperties {
  return {
    ComponentName: properties.text('ComponentName'),
    ComponentVersion: properties.text('ComponentVersion'),
    ComponentArn: properties.text('ComponentArn'),
    Owner: properties.text('Owner'),
    Copies: properties.objects('Copies').map(parseCopy),
  };
}

export function parseMembership(properties: PropertyReader): Membership {
  return {
    ThingGroupName: properties.text('ThingGroupName'),
    ThingName: properties.text('ThingName'),
    deleteCoreDevice: properties.isTrue('DeleteCoreDevice'),
  };
}

export function parseRevision(properties: PropertyReader): FleetRevisionProperties {
  return { TargetArn: properties.text('TargetArn'), Owner: properties.text('Owner'), Revision: properties.text('Revision') };
}

export function parseRollout(properties: PropertyReader): Rollout {
  return {
    Owner: properties.text('Owner'),
    DeploymentId: properties.text('DeploymentId'),
    TargetArn: properties.text('TargetArn'),
    ThingGroupName: properties.text('ThingGroupName'),
    things: properties.isAbsent('ThingNames') ? undefined : properties.textList('ThingNames'),
    waitSeconds: secondsOf(properties, 'WaitSeconds'),
    uninstallSeconds: secondsOf(properties, 'UninstallSeconds'),
  };
}

function parseCopy(copy: PropertyReader): ArtifactCopy {
  const version = copy.optionalText('SourceVersion');
  return {
    SourceBucket: copy.text('SourceBucket'), SourceKey: copy.text('SourceKey'), Bucket: copy.text('Bucket'), Key: copy.text('Key'),
    ...(version === undefined ? {} : { SourceVersion: version }),
  };
}

/** Absent is 0: nothing is waited for. */
function secondsOf(properties: PropertyReader, name: string): number {
  return properties.isAbsent(name) ? 0 : properties.wholeNumber(name, 0);
}
