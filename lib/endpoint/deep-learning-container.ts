import { aws_ecr as ecr, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateText, ValidationError } from '../private/validation';
import { DEEP_LEARNING_ACCOUNTS, WITHOUT_TRITON } from './private/deep-learning-accounts';
import { registryAccount, type Registry } from './private/registry-account';

/** An image of AWS's Deep Learning Containers, for `DeepLearningContainer.of`. */
export interface DeepLearningContainerOptions {
  /** The name of the repository, for example `huggingface-pytorch-inference`. */
  readonly repositoryName: string;

  /** The tag of the image, for an instance with a GPU, or for each instance where there is no `cpuTag`. */
  readonly tag: string;

  /**
   * The tag of the image for an instance without a GPU.
   * @default - `tag` is for each instance
   */
  readonly cpuTag?: string;

  /**
   * The ID of the account that owns the repository in the region of the stack.
   * @default - the account of AWS's Deep Learning Containers in that region, as the library's table has it
   */
  readonly accountId?: string;
}

const REGISTRY: Registry = {
  uid: 'cdk-sagemaker-edge.DeepLearningContainers',
  name: 'the Deep Learning Containers',
  accounts: DEEP_LEARNING_ACCOUNTS,
  advice: 'give it as accountId of DeepLearningContainer.of',
};

/**
 * An image of AWS's Deep Learning Containers, which AWS publishes in an ECR registry of each region.
 *
 * In a stack without a region, the account of the registry is looked up at deployment, in a mapping of the template.
 */
export class DeepLearningContainer {
  /** NVIDIA Triton Inference Server 24.09. */
  public static readonly TRITON_24_09 = DeepLearningContainer.triton('24.09');
  /** NVIDIA Triton Inference Server 25.04: the newest one in the regions of China. */
  public static readonly TRITON_25_04 = DeepLearningContainer.triton('25.04');
  /** NVIDIA Triton Inference Server 25.09. */
  public static readonly TRITON_25_09 = DeepLearningContainer.triton('25.09');
  /** NVIDIA Triton Inference Server 26.05. */
  public static readonly TRITON_26_05 = DeepLearningContainer.triton('26.05');

  /**
   * NVIDIA Triton Inference Server, which runs ONNX models. An instance without a GPU gets the image that is made for it.
   *
   * AWS publishes it in the regions of the partitions `aws` and `aws-cn`.
   *
   * @param version NVIDIA's release, for example `25.09`
   */
  public static triton(version: string): DeepLearningContainer {
    validateText(undefined, 'version of Triton', version, { pattern: /^\d{2}\.\d{2}$/, wanted: "a release like '25.09'" });
    return new DeepLearningContainer({
      repositoryName: 'sagemaker-tritonserver', tag: `${version}-py3`, cpuTag: `${version}-py3-cpu`,
    });
  }

  /** Another image of AWS's Deep Learning Containers. See https://aws.github.io/deep-learning-containers/ for what there is. */
  public static of(options: DeepLearningContainerOptions): DeepLearningContainer {
    return new DeepLearningContainer(options);
  }

  private constructor(private readonly options: DeepLearningContainerOptions) {
    const { accountId, cpuTag, repositoryName, tag } = options;
    validateText(undefined, 'repositoryName of a Deep Learning Container', repositoryName, {
      min: 2, max: 256, pattern: /^[a-z0-9]+([._/-][a-z0-9]+)*$/, wanted: "a repository of ECR like 'pytorch-inference'",
    });
    for (const each of [tag, cpuTag]) {
      validateText(undefined, 'tag of a Deep Learning Container', each, {
        min: 1, max: 128, pattern: /^\w[\w.-]*$/, wanted: "a tag like '25.09-py3'",
      });
    }
    validateText(undefined, 'accountId of a Deep Learning Container', accountId, { pattern: /^\d{12}$/, wanted: 'an account ID of 12 digits' });
  }

  /** The repository in the region of `scope`, and the tag for an instance with or without a GPU.
   * @internal */
  public _bind(scope: Construct, hasGpu: boolean): { readonly repository: ecr.IRepository; readonly tag: string } {
    const { cpuTag, repositoryName, tag } = this.options;
    const { region } = Stack.of(scope);
    if (repositoryName === 'sagemaker-tritonserver' && !Token.isUnresolved(region) && WITHOUT_TRITON.test(region)) {
      throw new ValidationError(scope, `the container of Triton must be in the region of the stack, and AWS publishes it in the partitions aws and aws-cn alone, got ${region}: copy it to a repository of yours, and give that by EndpointImage.fromEcrRepository`);
    }
    const accountId = this.options.accountId ?? registryAccount(scope, REGISTRY);
    const repository = ecr.Repository.fromRepositoryAttributes(scope, 'Repository', {
      repositoryName, repositoryArn: Stack.of(scope).formatArn({ service: 'ecr', account: accountId, resource: 'repository', resourceName: repositoryName }),
    });
    return { repository, tag: hasGpu ? tag : cpuTag ?? tag };
  }
}
