import type { Context } from '../context';
import { invalid } from '../errors';
import { page, seconds, selected } from '../listing';
import { checkKeys, taggingRights } from '../tags';
import type { ContainerDefinition, ModelRequest, SageMakerOperations } from '../types';

/** A model: an image and where its data is. Nothing is loaded before an endpoint uses it. */
export interface Model {
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly request: Omit<ModelRequest, 'Tags'>;
}

/** Models of endpoints. Their errors: https://github.com/aws/sagemaker-python-sdk/issues/1035 and its like. */
export class Models {
  private readonly models = new Map<string, Model>();

  public constructor(private readonly context: Context) {}

  public get(name: string): Model {
    const model = this.models.get(name);
    if (!model) {
      throw invalid(`Could not find model "${this.arn(name)}".`);
    }
    return model;
  }

  public state(): readonly object[] {
    return [...this.models.values()].map((model) => ({ ...this.described(model), Tags: this.context.tags.of(this.arn(model.name)) }));
  }

  public operations(): SageMakerOperations {
    const resources = ({ ModelName }: { readonly ModelName: string }): readonly string[] => [this.arn(ModelName)];
    return {
      CreateModel: {
        resources, role: ({ ExecutionRoleArn }) => ExecutionRoleArn, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => this.create(request),
      },
      DescribeModel: { resources, run: ({ ModelName }) => this.described(this.get(ModelName)) },
      DeleteModel: {
        resources,
        run: ({ ModelName }) => {
          this.get(ModelName);
          this.models.delete(ModelName);
          this.context.tags.delete(this.arn(ModelName));
          return undefined;
        },
      },
      ListModels: {
        run: (request) => {
          const models = selected(this.models.values(), request, ({ name, createdAt }) => (request.SortBy === 'Name' ? name : createdAt));
          const { items, NextToken } = page(models, request);
          const summaries = items.map(({ name, createdAt }) => (
            { ModelName: name, ModelArn: this.arn(name), CreationTime: seconds(createdAt) }
          ));
          return { Models: summaries, NextToken };
        },
      },
    };
  }

  private create(given: ModelRequest): object {
    const { Tags, ...request } = given;
    const { ModelName: name } = request;
    checkKeys(Tags);
    const arn = this.arn(name);
    if (this.models.has(name)) {
      throw invalid(`Cannot create already existing model "${arn}".`);
    }
    checkContainers(request);
    const now = Date.now();
    this.models.set(name, { name, createdAt: now, modifiedAt: now, request });
    this.context.tags.create(arn, Tags);
    return { ModelArn: arn };
  }

  private described({ name, createdAt, request }: Model): object {
    return { EnableNetworkIsolation: false, ...request, ModelArn: this.arn(name), CreationTime: seconds(createdAt) };
  }

  private arn(name: string): string {
    return this.context.arns.model(name);
  }
}

/** The container that answers. Of a pipeline the stand-in would have to run them all. */
export function container({ request }: Model): ContainerDefinition {
  return request.PrimaryContainer ?? request.Containers?.[0] ?? {};
}

function checkContainers({ PrimaryContainer, Containers = [], ExecutionRoleArn }: Omit<ModelRequest, 'Tags'>): void {
  if ((PrimaryContainer === undefined) === (Containers.length === 0)) {
    throw invalid('Exactly one of PrimaryContainer and Containers must be given (API reference: "the location of the primary docker image" or "the containers in the inference pipeline")');
  }
  const [only, ...more] = PrimaryContainer ? [PrimaryContainer] : Containers;
  if (more.length > 0) {
    throw invalid('The local stand-in runs no inference pipeline: give one container');
  }
  if (ExecutionRoleArn === undefined) {
    throw invalid('ExecutionRoleArn must be given: the local stand-in reads the model with it, as SageMaker does');
  }
  if (only?.ModelPackageName !== undefined) {
    throw invalid('The local stand-in has no model registry: give Image and ModelDataUrl instead of ModelPackageName');
  }
  if (only?.Image === undefined) {
    throw invalid('Image of the container must be given where there is no ModelPackageName');
  }
}
