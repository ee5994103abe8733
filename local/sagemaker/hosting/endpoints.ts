import { ServiceError } from '../../service/errors';
import type { Context } from '../context';
import { invalid } from '../errors';
import { page, seconds, selected } from '../listing';
import { checkKeys, taggingRights } from '../tags';
import type { DesiredCapacities, EndpointRequest, EndpointUpdate, SageMakerOperations } from '../types';
import { Capacities } from './capacity';
import { Containers } from './containers';
import { drawn, enter, serves, type Endpoint } from './endpoint';
import type { EndpointConfigs } from './endpoint-configs';
import { EndpointLife } from './endpoint-life';
import { MetricPublisher } from './metrics';
import type { Models } from './models';
import type { RunningVariant } from './variant';

/** Real-time endpoints: their records, and the operations on them. */
export class Endpoints {
  public readonly capacities = new Capacities();
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly publisher: MetricPublisher | undefined;
  private readonly life: EndpointLife;

  public constructor(private readonly context: Context, models: Models, private readonly configs: EndpointConfigs) {
    const { hosting = {} } = context.options;
    this.publisher = hosting.metricSink && new MetricPublisher(hosting.metricSink, hosting.metrics);
    this.life = new EndpointLife({
      context, models, capacities: this.capacities, publisher: this.publisher, delays: hosting.delays, pause: hosting.pause,
      containers: new Containers(context, hosting.logSink),
    });
  }

  public state(): readonly object[] {
    return [...this.endpoints.values()].map((endpoint) => ({
      ...this.described(endpoint), Tags: this.context.tags.of(this.arn(endpoint.name)),
    }));
  }

  /** The variant that a request is for. Throws a ValidationError in the words of https://github.com/aws/amazon-sagemaker-examples/issues/293. */
  public variant(name: string, target: string | undefined): RunningVariant {
    const endpoint = this.endpoints.get(name);
    if (!endpoint || !serves(endpoint)) {
      throw new ServiceError('ValidationError', `Endpoint ${name} of account ${this.context.options.account} not found.`);
    }
    const variant = target === undefined ? drawn(endpoint.variants) : endpoint.variants.find((other) => other.name === target);
    if (!variant) {
      throw new ServiceError('ValidationError', `Variant ${target ?? ''} not found for Request`);
    }
    return variant;
  }

  public operations(): SageMakerOperations {
    const resources = ({ EndpointName }: { readonly EndpointName: string }): readonly string[] => [this.arn(EndpointName)];
    const withConfig = (request: { readonly EndpointName: string; readonly EndpointConfigName: string }): readonly string[] => [
      ...resources(request), this.context.arns.endpointConfig(request.EndpointConfigName),
    ];
    return {
      CreateEndpoint: {
        resources: withConfig, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => this.create(request),
      },
      DescribeEndpoint: { resources, run: ({ EndpointName }) => this.described(this.get(EndpointName)) },
      UpdateEndpoint: { resources: withConfig, run: (request) => this.update(request) },
      UpdateEndpointWeightsAndCapacities: {
        resources,
        run: ({ EndpointName, DesiredWeightsAndCapacities }) => this.scale(EndpointName, DesiredWeightsAndCapacities),
      },
      DeleteEndpoint: {
        resources,
        run: ({ EndpointName }) => {
          this.delete(EndpointName);
          return undefined;
        },
      },
      ListEndpoints: {
        run: (request) => {
          const endpoints = selected(this.endpoints.values(), request, (endpoint) => sortKey(endpoint, request.SortBy))
            .filter(({ status }) => request.StatusEquals === undefined || status === request.StatusEquals);
          const { items, NextToken } = page(endpoints, request);
          return { Endpoints: items.map((endpoint) => this.summary(endpoint)), NextToken };
        },
      },
    };
  }

  public async close(): Promise<void> {
    await this.life.close(this.endpoints.values());
    await this.publisher?.close();
  }

  private create({ EndpointName: name, EndpointConfigName, DeploymentConfig, Tags }: EndpointRequest): object {
    const config = this.configs.get(EndpointConfigName);
    checkKeys(Tags);
    const arn = this.arn(name);
    if (this.endpoints.has(name)) {
      throw invalid(`Cannot create already existing endpoint "${arn}".`);
    }
    const now = Date.now();
    const endpoint: Endpoint = {
      name, createdAt: now, modifiedAt: now, status: 'Creating', config, deployment: DeploymentConfig, variants: [], stop: new AbortController(),
    };
    this.endpoints.set(name, endpoint);
    this.context.tags.create(arn, Tags);
    this.life.create(endpoint);
    return { EndpointArn: arn };
  }

  private update(request: EndpointUpdate): object {
    const { EndpointName, EndpointConfigName, DeploymentConfig, RetainDeploymentConfig } = request;
    const endpoint = this.idle(EndpointName);
    const config = this.configs.get(EndpointConfigName);
    if (RetainDeploymentConfig !== true) {
      endpoint.deployment = DeploymentConfig;
    }
    enter(endpoint, 'Updating');
    this.life.update(endpoint, config, request);
    return { EndpointArn: this.arn(EndpointName) };
  }

  private scale(name: string, wanted: DesiredCapacities): object {
    const endpoint = this.idle(name);
    const strange = wanted.find(({ VariantName }) => !endpoint.variants.some((variant) => variant.name === VariantName));
    if (strange) {
      throw invalid(`The variant name "${strange.VariantName}" was not found in endpoint configuration "${this.context.arns.endpointConfig(endpoint.config.name)}".`);
    }
    enter(endpoint, 'Updating');
    this.life.scale(endpoint, wanted);
    return { EndpointArn: this.arn(name) };
  }

  private delete(name: string): void {
    const endpoint = this.get(name);
    if (endpoint.status === 'Deleting') {
      return;
    }
    enter(endpoint, 'Deleting');
    this.life.delete(endpoint, () => {
      if (this.endpoints.get(name) === endpoint) {
        this.endpoints.delete(name);
        this.context.tags.delete(this.arn(name));
      }
    });
  }

  private described(endpoint: Endpoint): object {
    const { status, reason, variants, config, deployment } = endpoint;
    const summaries = variants.map((variant) => ({
      VariantName: variant.name,
      DeployedImages: [{ SpecifiedImage: variant.image, ResolvedImage: variant.image, ResolutionTime: seconds(endpoint.createdAt) }],
      CurrentWeight: variant.currentWeight, DesiredWeight: variant.desiredWeight,
      CurrentInstanceCount: variant.instances, DesiredInstanceCount: variant.desiredInstances,
    }));
    const { DataCaptureConfig: capture } = config.request;
    return {
      ...this.summary(endpoint), EndpointConfigName: config.name, FailureReason: reason, LastDeploymentConfig: deployment,
      ProductionVariants: variants.length > 0 ? summaries : undefined,
      DataCaptureConfig: capture && {
        EnableCapture: capture.EnableCapture ?? false, CaptureStatus: status === 'InService' ? 'Started' : 'Stopped',
        CurrentSamplingPercentage: capture.InitialSamplingPercentage, DestinationS3Uri: capture.DestinationS3Uri, KmsKeyId: capture.KmsKeyId ?? '',
      },
    };
  }

  private summary({ name, createdAt, modifiedAt, status }: Endpoint): object {
    return {
      EndpointName: name, EndpointArn: this.arn(name), EndpointStatus: status,
      CreationTime: seconds(createdAt), LastModifiedTime: seconds(modifiedAt),
    };
  }

  private get(name: string): Endpoint {
    const endpoint = this.endpoints.get(name);
    if (!endpoint) {
      throw invalid(`Could not find endpoint "${this.arn(name)}".`);
    }
    return endpoint;
  }

  /** One that nothing happens to. */
  private idle(name: string): Endpoint {
    const endpoint = this.get(name);
    if (endpoint.status !== 'InService') {
      throw invalid(endpoint.status === 'Failed' ? `Cannot update failed endpoint "${this.arn(name)}".` : `Cannot update in-progress endpoint "${this.arn(name)}".`);
    }
    return endpoint;
  }

  private arn(name: string): string {
    return this.context.arns.endpoint(name);
  }
}

function sortKey({ name, createdAt, status }: Endpoint, by = 'CreationTime'): string | number {
  switch (by) {
    case 'Name': return name;
    case 'Status': return status;
    default: return createdAt;
  }
}
