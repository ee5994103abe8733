import { aws_applicationautoscaling as appscaling, Token, type aws_cloudwatch as cloudwatch, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../private/validation';
import { endpointNameOf } from './private/endpoint-names';
import { DEFAULT_VARIANT } from './private/variant-name';

/** Between which numbers the instances of a variant are scaled. */
export interface EndpointScalingOptions {
  /** The least number of instances: 1 or more. */
  readonly min: number;

  /** The greatest number of instances: `min` or more. The account's quota for the instance type is a limit, too. */
  readonly max: number;

  /**
   * The name of the variant.
   * @default - the variant of an endpoint that has one alone, otherwise its first; `AllTraffic` for an endpoint that is not of this app
   */
  readonly variantName?: string;
}

/** Properties of an `EndpointScaling`. */
export interface EndpointScalingProps extends EndpointScalingOptions {
  /** The endpoint: a `RealTimeEndpoint`, an L1, or one of another library. */
  readonly endpoint: sagemaker.IEndpointRef;
}

/** A metric that the number of instances follows. */
export interface EndpointScalingMetricOptions extends appscaling.BaseTargetTrackingProps {
  /** The metric. Its value must go down when there are more instances. */
  readonly metric: cloudwatch.IMetric;

  /** The value that the metric is kept at. */
  readonly target: number;
}

/**
 * Auto scaling of a variant of an endpoint, by Application Auto Scaling and its service-linked role.
 *
 * - An update that changes the type of the instances is refused while this is there. Take it out first, in a deployment of its own.
 * - After an update of the endpoint, the variant starts from its `instanceCount` again, unless the endpoint has `retainVariantProperties`.
 */
export class EndpointScaling extends Construct {
  private readonly target: appscaling.IScalableTarget;

  public constructor(scope: Construct, id: string, props: EndpointScalingProps) {
    super(scope, id);
    const { endpoint, max, min, variantName = DEFAULT_VARIANT } = props;
    validateText(this, 'variantName', variantName, ENTITY_NAME);
    validateInteger(this, 'min', min, 1, Number.MAX_SAFE_INTEGER);
    validateInteger(this, 'max', max, Token.isUnresolved(min) ? 1 : min, Number.MAX_SAFE_INTEGER);
    const place = { serviceNamespace: appscaling.ServiceNamespace.SAGEMAKER, scalableDimension: 'sagemaker:variant:DesiredInstanceCount' };
    // Not the L2, which makes a role or wants one: without a role, the service takes its own.
    const target = new appscaling.CfnScalableTarget(this, 'Resource', {
      ...place, resourceId: `endpoint/${endpointNameOf(endpoint)}/variant/${variantName}`, minCapacity: min, maxCapacity: max,
    });
    // An L1 as it is would give a policy the first part of its id alone.
    this.target = appscaling.ScalableTarget.fromScalableTargetAttributes(this, 'Target', { ...place, scalableTargetId: target.ref });
  }

  /**
   * Keeps the number of requests for each instance and **minute** at a target.
   *
   * AWS's formula for it: the requests a second that one instance bears × 60 × 0.5. The load test of this library measures what an
   * instance bears.
   *
   * @param target requests for each instance and minute, more than 0
   */
  public onInvocationsPerInstance(target: number, options: appscaling.BaseTargetTrackingProps = {}): this {
    this.checkTarget(target);
    new appscaling.TargetTrackingScalingPolicy(this, 'InvocationsPerInstance', {
      ...options,
      scalingTarget: this.target,
      targetValue: target,
      predefinedMetric: appscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE,
    });
    return this;
  }

  /**
   * Keeps a metric at a target.
   * @param id the id of the policy, unique in this construct
   */
  public onMetric(id: string, options: EndpointScalingMetricOptions): this {
    const { metric, target, ...rest } = options;
    this.checkTarget(target);
    new appscaling.TargetTrackingScalingPolicy(this, id, {
      ...rest, scalingTarget: this.target, targetValue: target, customMetric: metric,
    });
    return this;
  }

  private checkTarget(target: number): void {
    if (!Token.isUnresolved(target) && !(target > 0)) {
      throw new ValidationError(this, `target must be more than 0, got ${target}`);
    }
  }
}
