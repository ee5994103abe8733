import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_codebuild as codebuild, type aws_ecr as ecr } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BuiltImage } from '../images/built-image';
import { validateText, ValidationError, type TextRule } from '../private/validation';
import type { BoundImage } from './private/studio/bound-image';
import { imageCheck } from './private/studio/image-check';
import { StudioAppType } from './studio-app-type';

const REFERENCE: TextRule = {
  pattern: /^(sha256:[0-9a-f]{64}|[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})$/, wanted: "a tag, or a digest like 'sha256:<64 hexadecimal digits>'",
};
const COMMAND: TextRule = { min: 1, max: 64, pattern: /^[\w.+-]+$/, wanted: 'the name of a program: letters, digits and _ . + -' };

/** How an image of Studio is built, for `StudioImageSource.fromFolder`. */
export interface StudioImageBuildOptions {
  /**
   * The programs that the image must have. The build fails with the name of each that is not in `PATH`.
   *
   * @default ['git', 'dvc']
   */
  readonly requiredCommands?: string[];
}

/** Where the container image of a `StudioImage` comes from. */
export abstract class StudioImageSource {
  /**
   * An image in a repository of ECR, in the region of the stack. SageMaker pulls it with the image's role.
   *
   * @param repository the repository
   * @param tagOrDigest the tag of the image, or its digest, `sha256:…`. An image that is pushed again with the same tag is not noticed
   */
  public static fromEcr(repository: ecr.IRepository, tagOrDigest: string): StudioImageSource {
    validateText(undefined, 'tagOrDigest', tagOrDigest, REFERENCE);
    return new GivenImage(repository, tagOrDigest);
  }

  /**
   * An image that CodeBuild builds at deployment, from a folder with a Dockerfile. Nobody needs Docker. It goes into a repository of its
   * own in ECR, which is deleted with the stack, and is used by its digest. It is built again when a file of the folder changes; pin the
   * base image and the packages in it, since what they stand for is not looked at.
   *
   * Before the image is pushed, the build looks into it: for the user with the uid 1000 and the gid 100, for the programs of
   * `requiredCommands`, and for a kernel of Jupyter where the image is for JupyterLab. A build that fails ends the deployment with the last
   * lines of its log. The build reaches what its Dockerfile names, for example public.ecr.aws and PyPI, and may take 30 minutes.
   *
   * @param folder the path of the folder. A `.dockerignore` in it is heeded by the build
   */
  public static fromFolder(folder: string, options: StudioImageBuildOptions = {}): StudioImageSource {
    return new FolderImage(folder, options);
  }

  /** Call it once a construct.
   * @internal */
  public abstract _bind(scope: Construct, appTypes: readonly StudioAppType[]): BoundImage;
}

class GivenImage extends StudioImageSource {
  public constructor(private readonly repository: ecr.IRepository, private readonly tagOrDigest: string) {
    super();
  }

  public _bind(): BoundImage {
    return { repository: this.repository, uri: this.repository.repositoryUriForTagOrDigest(this.tagOrDigest) };
  }
}

class FolderImage extends StudioImageSource {
  public constructor(private readonly folder: string, private readonly options: StudioImageBuildOptions) {
    super();
  }

  public _bind(scope: Construct, appTypes: readonly StudioAppType[]): BoundImage {
    const { folder, options: { requiredCommands = ['git', 'dvc'] } } = this;
    if (!fs.existsSync(path.join(folder, 'Dockerfile'))) {
      throw new ValidationError(scope, `the folder of an image must have a Dockerfile, got none in ${folder}: it may begin with FROM public.ecr.aws/sagemaker/sagemaker-distribution:<version>-cpu`);
    }
    for (const command of requiredCommands) {
      validateText(scope, 'each of requiredCommands', command, COMMAND);
    }
    const { repository, digest } = new BuiltImage(scope, 'Build', {
      folder, purpose: 'Studio', computeType: codebuild.ComputeType.MEDIUM, // 128 GB of disk: SageMaker Distribution alone is about 10 GB
      check: imageCheck(requiredCommands, appTypes.includes(StudioAppType.JUPYTER_LAB)),
    });
    return { repository, uri: `${repository.repositoryUri}@${digest}` };
  }
}
