import type { Context } from '../context';
import { invalid } from '../errors';
import { page, seconds, selected } from '../listing';
import { checkKeys, taggingRights } from '../tags';
import type { EndpointConfigRequest, SageMakerOperations } from '../types';
import type { Models } from './models';

/** An endpoint's configuration: it never changes. */
export interface EndpointConfig {
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly request: Omit<EndpointConfigRequest, 'Tags'>;
}

export class EndpointConfigs {
  private readonly configs = new Map<string, EndpointConfig>();

  public constructor(private readonly context: Context, private readonly models: Models) {}

  public get(name: string): EndpointConfig {
    const config = this.configs.get(name);
    if (!config) {
      throw invalid(`Could not find endpoint configuration "${this.arn(name)}".`);
    }
    return config;
  }

  public state(): readonly object[] {
    const { tags } = this.context;
    return [...this.configs.values()].map((config) => ({ ...this.described(config), Tags: tags.of(this.arn(config.name)) }));
  }

  public operations(): SageMakerOperations {
    const resources = (request: { readonly EndpointConfigName: string }): readonly string[] => [this.arn(request.EndpointConfigName)];
    return {
      CreateEndpointConfig: {
        resources, role: ({ ExecutionRoleArn }) => ExecutionRoleArn, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => this.create(request),
      },
      DescribeEndpointConfig: { resources, run: ({ EndpointConfigName }) => this.described(this.get(EndpointConfigName)) },
      DeleteEndpointConfig: {
        resources,
        run: ({ EndpointConfigName }) => {
          this.get(EndpointConfigName);
          this.configs.delete(EndpointConfigName);
          this.context.tags.delete(this.arn(EndpointConfigName));
          return undefined;
        },
      },
      ListEndpointConfigs: {
        run: (request) => {
          const configs = selected(this.configs.values(), request, ({ name, createdAt }) => (request.SortBy === 'Name' ? name : createdAt));
          const { items, NextToken } = page(configs, request);
          const summaries = items.map(({ name, createdAt }) => (
            { EndpointConfigName: name, EndpointConfigArn: this.arn(name), CreationTime: seconds(createdAt) }
          ));
          return { EndpointConfigs: summaries, NextToken };
        },
      },
    };
  }

  private create(given: EndpointConfigRequest): object {
    const { Tags, ...request } = given;
    const { EndpointConfigName: name } = request;
    checkKeys(Tags);
    const arn = this.arn(name);
    if (this.configs.has(name)) {
      throw invalid(`Cannot create already existing endpoint configuration "${arn}".`);
    }
    this.checkVariants(request);
    const now = Date.now();
    this.configs.set(name, { name, createdAt: now, modifiedAt: now, request });
    this.context.tags.create(arn, Tags);
    return { EndpointConfigArn: arn };
  }

  private checkVariants(request: Omit<EndpointConfigRequest, 'Tags'>): void {
    const { ProductionVariants: variants, AsyncInferenceConfig, ShadowProductionVariants = [] } = request;
    if (AsyncInferenceConfig !== undefined || ShadowProductionVariants.length > 0) {
      throw invalid('The local stand-in serves real-time endpoints alone: no AsyncInferenceConfig, no ShadowProductionVariants');
    }
    const names = variants.map(({ VariantName }) => VariantName);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw invalid(`Duplicate production variant name: ${twice}`);
    }
    for (const { VariantName, ModelName, InstanceType, InitialInstanceCount, ServerlessConfig } of variants) {
      if (ServerlessConfig !== undefined || ModelName === undefined) {
        throw invalid(`The local stand-in serves a model on instances: the variant ${VariantName} must have ModelName and no ServerlessConfig`);
      }
      if (InstanceType === undefined || InitialInstanceCount === undefined) {
        throw invalid(`Production variant ${VariantName} must have InstanceType and InitialInstanceCount`);
      }
      this.models.get(ModelName);
    }
  }

  private described({ name, createdAt, request }: EndpointConfig): object {
    return { ...request, EndpointConfigArn: this.arn(name), CreationTime: seconds(createdAt) };
  }

  private arn(name: string): string {
    return this.context.arns.endpointConfig(name);
  }
}
