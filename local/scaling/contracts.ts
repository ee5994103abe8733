import type * as scaling from '@aws-sdk/client-application-auto-scaling';
import type { InputOf, Operations } from '../service/operation';

export type ScalingOperations = Operations<typeof scaling>;
export type TargetRequest = InputOf<typeof scaling, 'RegisterScalableTarget'>;
export type PolicyRequest = InputOf<typeof scaling, 'PutScalingPolicy'>;
export type TargetTracking = NonNullable<PolicyRequest['TargetTrackingScalingPolicyConfiguration']>;

/** A metric of CloudWatch, as a policy names it. */
export interface ScalingMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly statistic: 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount';
}

/** What the stand-in reads and changes. */
export interface ScaledWorld {
  /** A metric's values in the last periods, the newest last; undefined for a period without data. */
  values(metric: ScalingMetric, periods: number): Promise<readonly (number | undefined)[]>;
  /** Instances of `endpoint/<name>/variant/<variant>`; undefined for one that is not there, or that changes at the moment. */
  instances(resourceId: string): Promise<number | undefined>;
  scale(resourceId: string, instances: number): Promise<void>;
}
