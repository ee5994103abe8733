import type { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ArchiveAsset } from '../model/private/archive-asset';
import type { ModelSourceConfig } from '../model/private/neo-request';
import type { ModelInput } from '../model/model-input';
import type { ModelSource } from '../model/model-source';
import { checkFitsAssembly, archiveSize } from '../private/archive/assembly-limit';
import { sortedByKey } from '../private/objects';
import { validateInteger, validateText, ValidationError } from '../private/validation';
import { DeepLearningContainer } from './deep-learning-container';
import { EndpointImage } from './endpoint-image';
import type { BoundModel } from './private/bound-model';
import { validateEnvironment } from './private/environment';
import { wholeNumberOf } from './private/durations';
import { tritonRepository, type TritonSettings } from './private/triton-repository';

/** A model that an image of your own serves, for `EndpointModel.fromImage`. */
export interface ImageModelProps {
  /** The image of the container. */
  readonly image: EndpointImage;

  /**
   * The files of the model. SageMaker unpacks them to `/opt/ml/model` of the container.
   *
   * `ModelSource.fromAsset` packs a file or a folder as it is, and uploads a tar.gz as it is. `ModelSource.fromBucket` is an archive in S3.
   * SageMaker reads the archive again for each instance that it adds, so an object must not change under its key.
   * @default - the image holds its model
   */
  readonly modelData?: ModelSource;

  /**
   * Environment variables of the container: at most 100. A name is letters, digits and underscores, and does not begin with a digit;
   * names and values have at most 1,024 characters.
   * @default - no variables
   */
  readonly environment?: Record<string, string>;
}

/** What all models have that Triton serves. */
export interface TritonContainerOptions {
  /**
   * The name of the model in Triton's repository: 1 to 63 letters, digits and hyphens. Answers name it as `model_name`.
   * @default 'model'
   */
  readonly modelName?: string;

  /**
   * The image of Triton.
   * @default - AWS's container `DeepLearningContainer.TRITON_25_09`, without CUDA on an instance without a GPU. The regions of China have
   * older ones alone
   */
  readonly image?: EndpointImage;

  /**
   * Environment variables of the container, for example `SAGEMAKER_TRITON_LOG_VERBOSE`.
   * @default - the name of the model, and no verbose log of each request
   */
  readonly environment?: Record<string, string>;
}

/** How Triton serves an ONNX model, for `EndpointModel.triton`. */
export interface TritonModelOptions extends TritonContainerOptions {
  /**
   * The inputs that your application sends. They are compared with the inputs of the model at synthesis.
   * @default - the inputs are not checked; only that the file is an ONNX model
   */
  readonly inputs?: ModelInput[];

  /**
   * The most requests that Triton joins to one batch: 1 to 4,096. The first dimension of each input and output must be open then, and each
   * request gives it as its own batch.
   * @default - requests are run one by one, with the shapes of the model as it is, as on a device
   */
  readonly maxBatchSize?: number;

  /**
   * How long the first request of a batch waits for others: whole microseconds are not to be had, so whole milliseconds, up to one second.
   * It needs `maxBatchSize`.
   * @default - a batch is what waits already
   */
  readonly maxQueueDelay?: Duration;

  /**
   * How many copies of the model run at a time on each GPU or, on an instance without one, on its CPU: 1 to 128.
   * @default - Triton's default, one copy
   */
  readonly instancesPerProcessor?: number;
}

/** A model that an endpoint serves: its container, and its files. */
export abstract class EndpointModel {
  /**
   * An ONNX model, served by NVIDIA's Triton Inference Server. AWS has no container for ONNX but this one.
   *
   * The model is packed at synthesis as a model repository of Triton: `<name>/config.pbtxt` and `<name>/1/model.onnx`, with the files of
   * weights that it names. A `config.pbtxt` beside the model is taken as it is.
   *
   * Requests are of the KServe V2 protocol, with the content type `application/json`:
   * `{"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP32", "data": [0, 1, 2, 3]}]}`.
   *
   * @param model an `.onnx` file, a folder or an archive with exactly one, by `ModelSource.fromAsset`
   */
  public static triton(model: ModelSource, options: TritonModelOptions = {}): EndpointModel {
    return new TritonModel(model, options);
  }

  /**
   * A model repository of Triton that is ready: a folder or an archive with a folder for the model.
   *
   * @param repository the repository, by `ModelSource.fromAsset` or `ModelSource.fromBucket`. A repository in S3 is not read at synthesis
   */
  public static tritonRepository(repository: ModelSource, options: TritonContainerOptions = {}): EndpointModel {
    return new TritonRepository(repository, options);
  }

  /** A model that an image of your own serves, or one of AWS's Deep Learning Containers. */
  public static fromImage(props: ImageModelProps): EndpointModel {
    return new ImageModel(props);
  }

  /**
   * A model package of SageMaker's Model Registry. It names its own image and files.
   *
   * The construct cannot know where they are: give the endpoint a `role` that may read them, or grant it to `endpoint.role`.
   *
   * @param modelPackageArn the ARN of a version of a package, or of a package without versions
   */
  public static fromModelPackageArn(modelPackageArn: string): EndpointModel {
    return new PackagedModel(modelPackageArn);
  }

  /** Call it once a construct.
   * @internal */
  public abstract _bind(scope: Construct, hasGpu: boolean): BoundModel;
}

class ImageModel extends EndpointModel {
  public constructor(private readonly props: ImageModelProps) {
    super();
  }

  public _bind(scope: Construct, hasGpu: boolean): BoundModel {
    return bound(scope, this.props.image, hasGpu, this.props.modelData?._bindArchive(scope), this.props.environment);
  }
}

class TritonRepository extends EndpointModel {
  public constructor(private readonly repository: ModelSource, private readonly options: TritonContainerOptions) {
    super();
  }

  public _bind(scope: Construct, hasGpu: boolean): BoundModel {
    const { image = TRITON, modelName = 'model' } = this.options;
    validateModelName(scope, modelName);
    this.repository._withFiles(scope, (files) => {
      const found = [...new Set(files.map(({ path }) => path.split('/')[0]))];
      if (!files.some(({ path }) => path.startsWith(`${modelName}/`))) {
        throw new ValidationError(scope, `a model repository of Triton must have the folder of its model, '${modelName}', got ${found.slice(0, 5).join(', ')}: give the name of the folder as modelName`);
      }
    });
    return bound(scope, image, hasGpu, this.repository._bindArchive(scope), tritonEnvironment(modelName, this.options));
  }
}

class TritonModel extends EndpointModel {
  public constructor(private readonly model: ModelSource, private readonly options: TritonModelOptions) {
    super();
  }

  public _bind(scope: Construct, hasGpu: boolean): BoundModel {
    const { image = TRITON, modelName = 'model' } = this.options;
    return bound(scope, image, hasGpu, this.pack(scope), tritonEnvironment(modelName, this.options));
  }

  private pack(scope: Construct): ModelSourceConfig {
    const settings = this.settings(scope);
    const archive = this.model._withFiles(scope, (files) => {
      checkFitsAssembly(scope, 'the archive of a model', archiveSize(files));
      const repository = tritonRepository(files, settings, this.options.inputs);
      if ('problem' in repository) {
        throw new ValidationError(scope, repository.problem);
      }
      return new ArchiveAsset(scope, 'ModelArchive', repository.files);
    });
    if (archive === undefined) {
      throw new ValidationError(scope, 'the model must be on disk (ModelSource.fromAsset) to be packed for Triton, got one in a bucket: use EndpointModel.tritonRepository for an archive in S3 that holds a model repository of Triton');
    }
    return archive.config();
  }

  private settings(scope: Construct): TritonSettings {
    const { instancesPerProcessor, maxBatchSize, maxQueueDelay, modelName = 'model' } = this.options;
    validateModelName(scope, modelName);
    validateInteger(scope, 'maxBatchSize', maxBatchSize, 1, 4096);
    validateInteger(scope, 'instancesPerProcessor', instancesPerProcessor, 1, 128);
    if (maxQueueDelay !== undefined && maxBatchSize === undefined) {
      throw new ValidationError(scope, `maxQueueDelay needs maxBatchSize, got ${maxQueueDelay.toString()} without one`);
    }
    const delay = maxQueueDelay && wholeNumberOf(scope, 'maxQueueDelay', maxQueueDelay, 'milliseconds', 0, 1000);
    return {
      name: modelName,
      maxBatchSize: maxBatchSize ?? 0,
      ...delay === undefined ? {} : { maxQueueDelay: delay * 1000 },
      ...instancesPerProcessor === undefined ? {} : { instances: instancesPerProcessor },
    };
  }
}

class PackagedModel extends EndpointModel {
  public constructor(private readonly arn: string) {
    super();
  }

  public _bind(scope: Construct): BoundModel {
    validateText(scope, 'modelPackageArn', this.arn, {
      max: 176,
      pattern: /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]{9,16}:\d{12}:model-package\/[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}(\/\d{1,9})?$/,
      wanted: "an ARN like 'arn:aws:sagemaker:<region>:<account>:model-package/<group>/<version>'",
    });
    return { container: { modelPackageName: this.arn }, grant: () => [] };
  }
}

const TRITON = EndpointImage.fromDeepLearningContainer(DeepLearningContainer.TRITON_25_09);

function validateModelName(scope: Construct, modelName: string): void {
  validateText(scope, 'modelName', modelName, {
    min: 1, max: 63, pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, wanted: 'letters, digits and hyphens, with neither end a hyphen',
  });
}

/** The variables of docker/sagemaker/serve in triton-inference-server/server. Without one, it logs each request in full. */
function tritonEnvironment(modelName: string, { environment }: TritonContainerOptions): Record<string, string> {
  return { SAGEMAKER_TRITON_DEFAULT_MODEL_NAME: modelName, SAGEMAKER_TRITON_LOG_VERBOSE: 'false', ...environment };
}

function bound(
  scope: Construct, image: EndpointImage, hasGpu: boolean, data: ModelSourceConfig | undefined, environment: Record<string, string> = {},
): BoundModel {
  validateEnvironment(scope, environment);
  const { grantPull, uri } = image._bind(scope, hasGpu);
  validateText(scope, 'image', uri, { max: 255, pattern: /^\S+$/, wanted: 'text without blanks' });
  return {
    container: {
      image: uri,
      modelDataUrl: data?.s3Uri,
      environment: Object.keys(environment).length > 0 ? sortedByKey(environment) : undefined,
    },
    version: data?.objectVersion,
    grant: (role) => [grantPull(role), ...data === undefined ? [] : [data.grantRead(role)]],
  };
}
