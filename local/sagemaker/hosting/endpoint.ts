import type { EndpointRequest } from '../types';
import type { EndpointConfig } from './endpoint-configs';
import type { RunningVariant } from './variant';

export type EndpointStatus = 'Creating' | 'InService' | 'Updating' | 'RollingBack' | 'Failed' | 'Deleting';

/** An endpoint and what runs for it. */
export interface Endpoint {
  readonly name: string;
  readonly createdAt: number;
  modifiedAt: number;
  status: EndpointStatus;
  config: EndpointConfig;
  deployment: EndpointRequest['DeploymentConfig'];
  reason?: string | undefined;
  variants: readonly RunningVariant[];
  /** Ends what is under way for it. */
  readonly stop: AbortController;
}

export function enter(endpoint: Endpoint, status: EndpointStatus, reason?: string): void {
  endpoint.status = status;
  endpoint.reason = reason;
  endpoint.modifiedAt = Date.now();
}

/** The states in which requests are answered. */
export function serves({ status, variants }: Endpoint): boolean {
  return ['InService', 'Updating', 'RollingBack'].includes(status) && variants.length > 0;
}

/** A variant by the weights of all. */
export function drawn(variants: readonly RunningVariant[], random = Math.random()): RunningVariant | undefined {
  let left = random * variants.reduce((sum, { currentWeight }) => sum + currentWeight, 0);
  return variants.find(({ currentWeight }) => {
    left -= currentWeight;
    return left < 0;
  });
}
