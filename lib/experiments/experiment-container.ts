import { aws_ecr as ecr, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DeepLearningContainer } from '../endpoint/deep-learning-container';
import { EndpointImage, type EcrImageOptions } from '../endpoint/endpoint-image';
import { registryAccount, type Registry } from '../endpoint/private/registry-account';
import { validateText } from '../private/validation';
import { SCIKIT_LEARN_ACCOUNTS } from './private/pipeline/scikit-learn-accounts';

const SCIKIT_LEARN: Registry = {
  uid: 'cdk-sagemaker-edge.ScikitLearnContainers',
  name: 'the scikit-learn containers',
  accounts: SCIKIT_LEARN_ACCOUNTS,
  advice: 'copy the image to a repository of yours, and give that by ExperimentContainer.fromEcrRepository',
};

/**
 * The image that a script runs in: any image with Python 3, pip and git. Packages that it lacks are installed when the job starts, from the
 * `requirements.txt` beside the script. DVC has to be among them, or in the image.
 */
export class ExperimentContainer {
  /** SageMaker's container of scikit-learn 1.4, for processors alone. */
  public static readonly SCIKIT_LEARN_1_4 = ExperimentContainer.scikitLearn('1.4-2');
  /** AWS's container of PyTorch 2.8 with Python 3.12, for processors alone. */
  public static readonly PYTORCH_2_8_CPU = ExperimentContainer.fromDeepLearningContainer(DeepLearningContainer.of({
    repositoryName: 'pytorch-training', tag: '2.8.0-cpu-py312-ubuntu22.04-sagemaker',
  }));

  /**
   * Another version of SageMaker's scikit-learn container.
   * @param version scikit-learn's version and the container's, for example `1.4-2`. Older ones have a Python that is too old for DVC
   */
  public static scikitLearn(version: string): ExperimentContainer {
    validateText(undefined, 'version of scikit-learn', version, { pattern: /^\d+\.\d+-\d+$/, wanted: "a version like '1.4-2'" });
    return new ExperimentContainer((scope) => scikitLearnImage(scope, `${version}-cpu-py3`));
  }

  /** An image of AWS's Deep Learning Containers. */
  public static fromDeepLearningContainer(container: DeepLearningContainer): ExperimentContainer {
    return new ExperimentContainer(() => EndpointImage.fromDeepLearningContainer(container));
  }

  /**
   * An image of your own, in a repository of ECR.
   * @param repository the repository, in the region of the stack
   * @param options the tag or the digest of the image
   */
  public static fromEcrRepository(repository: ecr.IRepository, options: EcrImageOptions = {}): ExperimentContainer {
    return new ExperimentContainer(() => EndpointImage.fromEcrRepository(repository, options));
  }

  private constructor(private readonly imageIn: (scope: Construct) => EndpointImage) {}

  /** Call it once a construct.
   * @internal */
  public _bind(scope: Construct): ReturnType<EndpointImage['_bind']> {
    return this.imageIn(scope)._bind(scope, false);
  }
}

function scikitLearnImage(scope: Construct, tag: string): EndpointImage {
  const repositoryName = 'sagemaker-scikit-learn';
  const account = registryAccount(scope, SCIKIT_LEARN);
  const repository = ecr.Repository.fromRepositoryAttributes(scope, 'Repository', {
    repositoryName, repositoryArn: Stack.of(scope).formatArn({ service: 'ecr', account, resource: 'repository', resourceName: repositoryName }),
  });
  return EndpointImage.fromEcrRepository(repository, { tag });
}
