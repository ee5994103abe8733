import { randomUUID } from 'node:crypto';
import { ACCOUNT, PARTITION, REGION } from '../service/account';
import { ServiceError } from '../service/errors';
import type { PolicyRequest, ScalingOperations, TargetRequest } from './contracts';

export interface ScalingPolicy { readonly request: PolicyRequest; readonly arn: string; readonly createdAt: number }

export interface ScalingActivity {
  readonly id: string;
  readonly at: number;
  readonly cause: string;
  readonly description: string;
}

export interface ScalableTarget {
  readonly request: TargetRequest;
  readonly arn: string;
  readonly createdAt: number;
  readonly policies: Map<string, ScalingPolicy>;
  readonly activities: ScalingActivity[];
}

const DIMENSION = 'sagemaker:variant:DesiredInstanceCount';
const RESOURCE = /^endpoint\/([^/]+)\/variant\/([^/]+)$/;

/** What is registered, and the operations on it. */
export class ScalableTargets {
  private readonly targets = new Map<string, ScalableTarget>();

  public all(): readonly ScalableTarget[] {
    return [...this.targets.values()];
  }

  public operations(): ScalingOperations {
    return {
      RegisterScalableTarget: { run: (input) => this.register(input) },
      DeregisterScalableTarget: {
        run: ({ ResourceId }) => {
          this.get(ResourceId, DIMENSION);
          this.targets.delete(ResourceId);
          return {};
        },
      },
      DescribeScalableTargets: {
        run: ({ ResourceIds }) => ({
          ScalableTargets: this.all().filter(({ request }) => ResourceIds?.includes(request.ResourceId) ?? true).map(describedTarget),
        }),
      },
      PutScalingPolicy: { run: (input) => this.put(input) },
      DeleteScalingPolicy: {
        run: ({ ResourceId, PolicyName }) => {
          const target = this.get(ResourceId, DIMENSION);
          if (!target.policies.delete(PolicyName)) {
            throw notFound(`No scaling policy found for service namespace: sagemaker, resource ID: ${ResourceId}, scalable dimension: ${DIMENSION}, policy name: ${PolicyName}`);
          }
          return {};
        },
      },
      DescribeScalingPolicies: {
        run: ({ ResourceId, PolicyNames }) => ({
          ScalingPolicies: this.all().filter(({ request }) => ResourceId === undefined || request.ResourceId === ResourceId)
            .flatMap(({ policies }) => [...policies.values()]).filter(({ request }) => PolicyNames?.includes(request.PolicyName) ?? true)
            .map(({ request, arn, createdAt }) => ({ ...request, PolicyARN: arn, CreationTime: createdAt / 1000, Alarms: [] })),
        }),
      },
      DescribeScalingActivities: {
        run: ({ ResourceId }) => ({
          ScalingActivities: this.all().filter(({ request }) => ResourceId === undefined || request.ResourceId === ResourceId)
            .flatMap(({ request, activities }) => activities.map(({ id, at, cause, description }) => ({
              ActivityId: id, ServiceNamespace: 'sagemaker', ResourceId: request.ResourceId, ScalableDimension: DIMENSION,
              Cause: cause, Description: description, StartTime: at / 1000, EndTime: at / 1000, StatusCode: 'Successful',
            }))).reverse(),
        }),
      },
    };
  }

  private register(input: TargetRequest): object {
    const { ResourceId, ScalableDimension, ServiceNamespace, MinCapacity, MaxCapacity } = input;
    if (ServiceNamespace !== 'sagemaker' || ScalableDimension !== DIMENSION || !RESOURCE.test(ResourceId)) {
      throw invalid(`The local stand-in scales endpoint/<name>/variant/<variant> by ${DIMENSION}, got ${ResourceId} by ${ScalableDimension}`);
    }
    const known = this.targets.get(ResourceId);
    const request = { ...known?.request, ...input };
    if (known === undefined && (MinCapacity === undefined || MaxCapacity === undefined)) {
      throw invalid('MinCapacity and MaxCapacity must be given when registering a new scalable target');
    }
    if ((request.MinCapacity ?? 0) > (request.MaxCapacity ?? 0)) {
      throw invalid('Maximum capacity cannot be less than minimum capacity');
    }
    const arn = known?.arn ?? `arn:${PARTITION}:application-autoscaling:${REGION}:${ACCOUNT}:scalable-target/${randomUUID().replaceAll('-', '').slice(0, 26)}`;
    this.targets.set(ResourceId, {
      request, arn, createdAt: known?.createdAt ?? Date.now(), policies: known?.policies ?? new Map<string, ScalingPolicy>(),
      activities: known?.activities ?? [],
    });
    return { ScalableTargetARN: arn };
  }

  private put(input: PolicyRequest): object {
    const target = this.get(input.ResourceId, input.ScalableDimension);
    if (input.PolicyType !== undefined && input.PolicyType !== 'TargetTrackingScaling') {
      throw invalid(`The local stand-in knows policies of the type TargetTrackingScaling alone, got ${input.PolicyType}`);
    }
    const known = target.policies.get(input.PolicyName);
    if (known === undefined && input.TargetTrackingScalingPolicyConfiguration === undefined) {
      throw invalid('TargetTrackingScalingPolicyConfiguration must be given for a policy of the type TargetTrackingScaling');
    }
    const arn = known?.arn ?? `arn:${PARTITION}:autoscaling:${REGION}:${ACCOUNT}:scalingPolicy:${randomUUID()}:resource/sagemaker/${input.ResourceId}:policyName/${input.PolicyName}`;
    target.policies.set(input.PolicyName, { request: { ...known?.request, ...input }, arn, createdAt: known?.createdAt ?? Date.now() });
    return { PolicyARN: arn, Alarms: [] };
  }

  private get(resourceId: string, dimension: string): ScalableTarget {
    const target = this.targets.get(resourceId);
    if (!target || dimension !== DIMENSION) {
      throw notFound(`No scalable target registered for service namespace: sagemaker, resource ID: ${resourceId}, scalable dimension: ${dimension}`);
    }
    return target;
  }
}

function describedTarget({ request, arn, createdAt }: ScalableTarget): object {
  return {
    ...request, Tags: undefined, ScalableTargetARN: arn, CreationTime: createdAt / 1000,
    RoleARN: request.RoleARN ?? `arn:${PARTITION}:iam::${ACCOUNT}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
  };
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

function notFound(message: string): ServiceError {
  return new ServiceError('ObjectNotFoundException', message);
}
