import type { ArtifactCopy, ComponentArtifactsProperties, FleetRevisionProperties, FleetRolloutProperties, ThingGroupMembershipProperties } from '../../lib/greengrass/private/contract';

type Properties = Readonly<Record<string, unknown>>;

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

export function parseArtifacts(properties: Properties): ComponentArtifactsProperties {
  const copies: unknown = properties.Copies ?? [];
  return {
    ComponentName: text(properties, 'ComponentName'),
    ComponentVersion: text(properties, 'ComponentVersion'),
    ComponentArn: text(properties, 'ComponentArn'),
    Owner: text(properties, 'Owner'),
    Copies: (Array.isArray(copies) ? copies : []).map(parseCopy),
  };
}

export function parseMembership(properties: Properties): Membership {
  return {
    ThingGroupName: text(properties, 'ThingGroupName'), ThingName: text(properties, 'ThingName'),
    deleteCoreDevice: properties.DeleteCoreDevice === 'true',
  };
}

export function parseRevision(properties: Properties): FleetRevisionProperties {
  return { TargetArn: text(properties, 'TargetArn'), Owner: text(properties, 'Owner'), Revision: text(properties, 'Revision') };
}

export function parseRollout(properties: Properties): Rollout {
  return {
    Owner: text(properties, 'Owner'),
    DeploymentId: text(properties, 'DeploymentId'), TargetArn: text(properties, 'TargetArn'), ThingGroupName: text(properties, 'ThingGroupName'),
    things: properties.ThingNames === undefined ? undefined : texts(properties, 'ThingNames'), waitSeconds: seconds(properties, 'WaitSeconds'), uninstallSeconds: seconds(properties, 'UninstallSeconds'),
  };
}

function parseCopy(value: unknown): ArtifactCopy {
  const copy: Properties = typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  return {
    SourceBucket: text(copy, 'SourceBucket'), SourceKey: text(copy, 'SourceKey'), Bucket: text(copy, 'Bucket'), Key: text(copy, 'Key'),
    ...(copy.SourceVersion === undefined ? {} : { SourceVersion: text(copy, 'SourceVersion') }),
  };
}

function text(properties: Properties, name: string): string {
  const value = properties[name];
  if (typeof value !== 'string' || value === '') { throw new Error(`property ${name} must be text, got ${JSON.stringify(value)}`); }
  return value;
}

function texts(properties: Properties, name: string): string[] {
  const value: unknown = properties[name];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) { throw new Error(`property ${name} must be a list of texts, got ${JSON.stringify(value)}`); }
  return value;
}

function seconds(properties: Properties, name: string): number {
  const value = Number(properties[name] ?? 0);
  if (!Number.isInteger(value) || value < 0) { throw new Error(`property ${name} must be a number of seconds, got ${JSON.stringify(properties[name])}`); }
  return value;
}
