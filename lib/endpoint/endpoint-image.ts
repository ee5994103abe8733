import type { aws_ecr as ecr, aws_iam as iam } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { grantImagePull } from '../jobs/role';
import { validateText, ValidationError } from '../private/validation';
import type { DeepLearningContainer } from './deep-learning-container';

/** Which image of a repository, for `EndpointImage.fromEcrRepository`. */
export interface EcrImageOptions {
  /**
   * The tag of the image. It cannot be combined with `digest`. SageMaker resolves it when the model is created: an image that
   * is pushed later under the same tag is no change for CloudFormation.
   * @default - `latest`, unless there is a digest
   */
  readonly tag?: string;

  /**
   * The digest of the image, `sha256:` and 64 hexadecimal digits. It cannot be combined with `tag`.
   * @default - the image is found by its tag
   */
  readonly digest?: string;
}

/** What a model knows of its image. */
interface BoundImage {
  readonly uri: string;
  readonly grantPull: (role: iam.IRole) => iam.Grant;
}

/** The image of a model's container. */
export abstract class EndpointImage {
  /**
   * An image in a repository of ECR. It must answer `GET /ping` and `POST /invocations` on port 8080.
   *
   * An image that is built from a folder is one, too: give `repository` and `imageTag` of a `DockerImageAsset`.
   *
   * @param repository the repository, in the region of the stack
   * @param options the tag or the digest of the image
   */
  public static fromEcrRepository(repository: ecr.IRepository, options: EcrImageOptions = {}): EndpointImage {
    return new RepositoryImage(repository, options);
  }

  /**
   * An image of AWS's Deep Learning Containers.
   * @param container which one
   */
  public static fromDeepLearningContainer(container: DeepLearningContainer): EndpointImage {
    return new DeepLearningImage(container);
  }

  /** Call it once a construct.
   * @internal */
  public abstract _bind(scope: Construct, hasGpu: boolean): BoundImage;
}

class RepositoryImage extends EndpointImage {
  public constructor(private readonly repository: ecr.IRepository, private readonly options: EcrImageOptions) {
    super();
  }

  public _bind(scope: Construct): BoundImage {
    const { tag, digest } = this.options;
    if (tag !== undefined && digest !== undefined) {
      throw new ValidationError(scope, `an image must have a tag or a digest, got both: '${tag}' and '${digest}'`);
    }
    validateText(scope, 'tag of an image', tag, { min: 1, max: 128, pattern: /^\w[\w.-]*$/, wanted: "a tag like '1.0'" });
    validateText(scope, 'digest of an image', digest, {
      pattern: /^sha256:[0-9a-f]{64}$/, wanted: "'sha256:' and 64 lower-case hexadecimal digits",
    });
    const uri = digest === undefined ? this.repository.repositoryUriForTag(tag ?? 'latest') : this.repository.repositoryUriForDigest(digest);
    return { uri, grantPull: (role) => grantImagePull(role, this.repository) };
  }
}

class DeepLearningImage extends EndpointImage {
  public constructor(private readonly container: DeepLearningContainer) {
    super();
  }

  public _bind(scope: Construct, hasGpu: boolean): BoundImage {
    const { repository, tag } = this.container._bind(scope, hasGpu);
    return { uri: repository.repositoryUriForTag(tag), grantPull: (role) => grantImagePull(role, repository) };
  }
}
