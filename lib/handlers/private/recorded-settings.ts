import type { IConstruct } from 'constructs';
import type { HandlerOptions } from '../handler-settings';

/** What was applied to each scope, in the order of the calls. */
const RECORDED = new WeakMap<IConstruct, HandlerOptions[]>();

export function recordSettings(scope: IConstruct, options: HandlerOptions): void {
  RECORDED.set(scope, [...RECORDED.get(scope) ?? [], options]);
}

/** The settings that hold for a construct: those of inner scopes and of later calls replace the others. */
export function settingsOf(construct: IConstruct): HandlerOptions {
  return construct.node.scopes.flatMap((scope) => RECORDED.get(scope) ?? []).reduce(merge, {});
}

function merge(outer: HandlerOptions, inner: HandlerOptions): HandlerOptions {
  const given = Object.fromEntries(Object.entries(inner).filter(([, value]) => value !== undefined));
  const network = inner.vpc ? { vpcSubnets: undefined, securityGroups: undefined } : {}; // the outer ones are those of another VPC
  return { ...outer, ...network, ...given };
}
