import { Duration, Token, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ValidationError } from '../private/validation';
import { wholeNumberOf } from './private/durations';

/** How long an update watches, and how long it may take. */
export interface EndpointDeploymentOptions {
  /**
   * How long the alarms are watched after each step: up to 1 hour. If one of them is in alarm within that time, the update is rolled back.
   * @default Duration.minutes(5)
   */
  readonly bakeTime?: Duration;

  /**
   * How long the whole update may take: 10 minutes to 8 hours. It must be longer than all waits together.
   * @default - SageMaker's default
   */
  readonly timeout?: Duration;
}

/** The same for a blue/green deployment. */
export interface BlueGreenDeploymentOptions extends EndpointDeploymentOptions {
  /**
   * How long the old instances stay after the update: up to 1 hour.
   * @default Duration.seconds(0)
   */
  readonly terminationWait?: Duration;
}

/** The same for a rolling deployment. */
export interface RollingDeploymentOptions extends EndpointDeploymentOptions {
  /**
   * How many instances a rollback replaces at a time.
   * @default - all at once
   */
  readonly rollbackBatchSize?: EndpointCapacity;
}

/** A part of the instances of a variant. */
export class EndpointCapacity {
  /** A number of instances: 1 or more. */
  public static instances(count: number): EndpointCapacity {
    return new EndpointCapacity('INSTANCE_COUNT', count);
  }

  /** A part in percent: 1 to 100. */
  public static percent(percent: number): EndpointCapacity {
    return new EndpointCapacity('CAPACITY_PERCENT', percent);
  }

  private constructor(private readonly type: 'INSTANCE_COUNT' | 'CAPACITY_PERCENT', private readonly value: number) {
    const max = type === 'CAPACITY_PERCENT' ? 100 : Infinity;
    if (!Token.isUnresolved(value) && (!Number.isInteger(value) || value < 1 || value > max)) {
      throw new ValidationError(undefined, `a capacity must be a whole number, at least 1${max === 100 ? ' and at most 100 percent' : ''}, got ${value}`);
    }
  }

  /** As SageMaker's API has it.
   * @internal */
  public _render(): sagemaker.CfnEndpoint.CapacitySizeProperty {
    return { type: this.type, value: this.value };
  }

  /** The part of this many instances, in percent; undefined where the deployment knows one of them alone.
   * @internal */
  public _percentOf(instances: number): number | undefined {
    if (Token.isUnresolved(this.value)) {
      return undefined;
    }
    if (this.type === 'CAPACITY_PERCENT') {
      return this.value;
    }
    return Token.isUnresolved(instances) ? undefined : this.value / instances * 100;
  }

  /** As a message has it. */
  public toString(): string {
    return this.type === 'CAPACITY_PERCENT' ? `${this.value} %` : `${this.value} instances`;
  }
}

/** What a deployment strategy must know of the variants. */
interface DeployedVariant {
  readonly name: string;
  readonly instanceType: string;
  readonly instances: number;
}

/** A size, what it is of, and between which parts of a variant it must be. */
interface SizeRule {
  readonly what: string;
  readonly size: EndpointCapacity;
  readonly min: number;
}

const MAX_PERCENT = 50;

/**
 * How an update of an endpoint replaces the instances. SageMaker calls this deployment guardrails.
 *
 * Each needs alarms that roll it back (`endpoint.addRollbackAlarms`); without one, nothing is watched. An endpoint on ml.inf1 instances or
 * with a container of the Marketplace has none of this: it is replaced all at once.
 */
export class EndpointDeployment {
  /** Blue/green: a second set of instances takes all the traffic at once. */
  public static allAtOnce(options: BlueGreenDeploymentOptions = {}): EndpointDeployment {
    return new EndpointDeployment('ALL_AT_ONCE', options);
  }

  /**
   * Blue/green: a second set of instances takes a part of the traffic, and after `bakeTime` the rest.
   * @param size the first part: at most 50 % of a variant's instances
   */
  public static canary(size: EndpointCapacity, options: BlueGreenDeploymentOptions = {}): EndpointDeployment {
    return new EndpointDeployment('CANARY', options, { what: 'size of the canary', size, min: 0 });
  }

  /**
   * Blue/green: a second set of instances takes the traffic in equal steps, with `bakeTime` between them.
   * @param stepSize each step: 10 to 50 % of a variant's instances
   */
  public static linear(stepSize: EndpointCapacity, options: BlueGreenDeploymentOptions = {}): EndpointDeployment {
    return new EndpointDeployment('LINEAR', options, { what: 'size of a linear step', size: stepSize, min: 10 });
  }

  /**
   * Instances are replaced a batch at a time, with `bakeTime` after each. It needs less instances than blue/green, and an endpoint with one
   * variant.
   * @param batchSize each batch: 5 to 50 % of a variant's instances
   */
  public static rolling(batchSize: EndpointCapacity, options: RollingDeploymentOptions = {}): EndpointDeployment {
    return new EndpointDeployment('ROLLING', options, { what: 'size of a rolling batch', size: batchSize, min: 5 });
  }

  private constructor(
    private readonly type: 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR' | 'ROLLING',
    private readonly options: BlueGreenDeploymentOptions & RollingDeploymentOptions,
    private readonly rule?: SizeRule,
  ) {}

  /** As CloudFormation has it, without the alarms.
   * @internal */
  public _render(scope: Construct, variants: readonly DeployedVariant[]): sagemaker.CfnEndpoint.DeploymentConfigProperty {
    const { rollbackBatchSize, terminationWait = Duration.seconds(0), timeout } = this.options;
    this.validateVariants(scope, variants);
    const wait = wholeNumberOf(scope, 'bakeTime', this.options.bakeTime ?? Duration.minutes(5), 'seconds', 0, 3600);
    const termination = wholeNumberOf(scope, 'terminationWait', terminationWait, 'seconds', 0, 3600);
    const seconds = timeout && wholeNumberOf(scope, 'timeout', timeout, 'seconds', 600, 28_800);
    this.validateTimeout(scope, variants, seconds, wait, termination);
    const size = this.rule?.size._render();
    if (this.type === 'ROLLING') {
      return {
        rollingUpdatePolicy: {
          maximumBatchSize: size ?? EndpointCapacity.percent(MAX_PERCENT)._render(), // it is always there
          waitIntervalInSeconds: wait,
          maximumExecutionTimeoutInSeconds: seconds,
          rollbackMaximumBatchSize: rollbackBatchSize?._render(),
        },
      };
    }
    return {
      blueGreenUpdatePolicy: {
        trafficRoutingConfiguration: {
          type: this.type,
          waitIntervalInSeconds: wait,
          ...this.type === 'CANARY' ? { canarySize: size } : {},
          ...this.type === 'LINEAR' ? { linearStepSize: size } : {},
        },
        terminationWaitInSeconds: termination,
        maximumExecutionTimeoutInSeconds: seconds,
      },
    };
  }

  private validateVariants(scope: Construct, variants: readonly DeployedVariant[]): void {
    const inferentia = variants.find(({ instanceType }) => instanceType.startsWith('ml.inf1.'));
    if (inferentia !== undefined) {
      throw new ValidationError(scope, `a deployment strategy is not for ml.inf1 instances, which SageMaker replaces all at once, got ${inferentia.instanceType} in the variant '${inferentia.name}': leave deployment and rollback alarms out`);
    }
    if (this.type === 'ROLLING' && variants.length > 1) {
      throw new ValidationError(scope, `a rolling deployment is for an endpoint with one variant, got ${variants.length}: take a blue/green deployment`);
    }
    for (const { instances, name } of variants) {
      this.validateSize(scope, name, instances);
    }
  }

  private validateSize(scope: Construct, name: string, instances: number): void {
    const percent = this.rule?.size._percentOf(instances);
    if (this.rule === undefined || percent === undefined || (percent >= this.rule.min && percent <= MAX_PERCENT)) {
      return;
    }
    const { min, size, what } = this.rule;
    throw new ValidationError(scope, `${what} must be ${min === 0 ? 'at most' : `${min} to`} ${MAX_PERCENT} % of a variant's instances, got ${size.toString()} where the variant '${name}' has ${instances}`);
  }

  private validateTimeout(
    scope: Construct, variants: readonly DeployedVariant[], seconds: number | undefined, wait: number, termination: number,
  ): void {
    if (seconds === undefined || [seconds, wait, termination].some((each) => Token.isUnresolved(each))) {
      return;
    }
    const isOneWait = this.type === 'ALL_AT_ONCE' || this.type === 'CANARY';
    const percents = variants.map(({ instances }) => this.rule?.size._percentOf(instances) ?? 100);
    const steps = isOneWait ? 1 : Math.ceil(100 / Math.min(...percents));
    const waits = wait * steps + termination;
    if (seconds <= waits) {
      throw new ValidationError(scope, `timeout must be more than all waits together, wanted more than ${waits} seconds, got ${seconds}`);
    }
  }
}
