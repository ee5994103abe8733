import { aws_iam as iam, aws_sagemaker as sagemaker, Resource, Token, type IResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defaultJobRole, grantImagePull } from '../jobs/role';
import { generatedName } from '../private/naming';
import { sortedByKey } from '../private/objects';
import { claimName } from '../private/physical-names';
import { validateTrust } from '../private/trust';
import { validateText, ValidationError, type TextRule } from '../private/validation';
import { StudioAppType } from './studio-app-type';
import type { StudioImageSource } from './studio-image-source';

/** Limits of `ContainerConfig` of SageMaker's API. */
const MAX_ARGUMENTS = 50;
const MAX_VARIABLES = 25;

const IMAGE_NAME: TextRule = {
  min: 1, max: 63, pattern: /^[a-zA-Z0-9]([-.]?[a-zA-Z0-9]){0,62}$/, wanted: 'letters, digits, hyphens and dots, with neither end a hyphen or a dot',
};

/** An image that applications of Studio can run. */
export interface IStudioImage extends IResource {
  /**
   * The name of the image.
   * @attribute
   */
  readonly imageName: string;

  /**
   * The ARN of the version of the image.
   * @attribute
   */
  readonly imageVersionArn: string;

  /** The number of the version. */
  readonly imageVersionNumber: number;

  /** The applications that the image is for. */
  readonly appTypes: StudioAppType[];

  /**
   * Returns the name of the configuration that an application runs the image with. Fails for an application that the image is not for.
   * @param appType the application
   */
  appImageConfigName(appType: StudioAppType): string;
}

/** How an application of Studio runs an image. */
export interface StudioContainerOptions {
  /**
   * What is run: a command, without its arguments.
   *
   * @default - the image's own
   */
  readonly entrypoint?: string;

  /**
   * The arguments of the command: at most 50 of at most 64 characters.
   *
   * @default - the image's own
   */
  readonly arguments?: string[];

  /**
   * Environment variables: at most 25.
   *
   * @default - none besides the image's own and Studio's
   */
  readonly environment?: Record<string, string>;
}

/** Properties of a `StudioImage`. */
export interface StudioImageProps {
  /** Where the container image comes from. */
  readonly source: StudioImageSource;

  /**
   * The name of the image: 1 to 63 letters, digits, hyphens and dots.
   *
   * @default - made of the names of the stack and of the construct
   */
  readonly imageName?: string;

  /**
   * The name that Studio shows.
   *
   * @default - the name of the image
   */
  readonly displayName?: string;

  /**
   * The applications that the image is for.
   *
   * @default [StudioAppType.JUPYTER_LAB]
   */
  readonly appTypes?: StudioAppType[];

  /**
   * How the applications run the image.
   *
   * @default - as the image says. One that is made of SageMaker Distribution needs nothing more
   */
  readonly container?: StudioContainerOptions;

  /**
   * The role that SageMaker pulls the image with. It must trust `sagemaker.amazonaws.com`, and is granted the pull.
   *
   * @default - a role that can pull from the repository, and no more
   */
  readonly role?: iam.IRole;
}

/**
 * Defines an image that applications of Studio can run: the image, its version, and a configuration for each application.
 *
 * What AWS asks of the container image: the server listens on 0.0.0.0:8888 under the base URL `jupyterlab/default` or
 * `CodeEditor/default`; the user has the uid 1000 and the gid 100; nothing that matters is under `/home/sagemaker-user`, where the
 * space's volume comes. An image that is made of SageMaker Distribution meets this. The build of `StudioImageSource.fromFolder` checks the
 * user, the commands and the kernel; the rest shows when the image starts.
 */
export class StudioImage extends Resource implements IStudioImage {
  /** @attribute */
  public readonly imageName: string;

  /** @attribute */
  public readonly imageVersionArn: string;

  public readonly imageVersionNumber: number;

  public readonly appTypes: StudioAppType[];

  /** The role that SageMaker pulls the image with. */
  public readonly role: iam.IRole;

  private readonly configs = new Map<StudioAppType, sagemaker.CfnAppImageConfig>();

  public constructor(scope: Construct, id: string, props: StudioImageProps) {
    super(scope, id);
    const { appTypes = [StudioAppType.JUPYTER_LAB], container = {}, source } = props;
    const name = props.imageName ?? generatedName(scope, id);
    validateText(this, 'imageName', name, IMAGE_NAME);
    claimName(this, 'Studio image', name);
    if (appTypes.length === 0 || new Set(appTypes).size < appTypes.length) {
      throw new ValidationError(this, `appTypes must be one or more, each once, got ${JSON.stringify(appTypes)}`);
    }
    this.validateContainer(container);
    this.appTypes = [...appTypes];
    this.role = props.role ?? defaultJobRole(this, 'SageMaker pulls an image of Studio with it');
    validateTrust(this, 'role', this.role, ['sagemaker.amazonaws.com']);

    const image = new sagemaker.CfnImage(this, 'Resource', {
      imageName: name, imageRoleArn: this.role.roleArn, imageDisplayName: props.displayName,
    });
    const { repository, uri } = source._bind(this, appTypes);
    const version = new sagemaker.CfnImageVersion(this, 'Version', { baseImage: uri, imageName: name });
    version.node.addDependency(image);
    grantImagePull(this.role, repository).combine(iam.Grant.addToPrincipal({
      grantee: this.role, actions: ['ecr:DescribeImages'], resourceArns: [repository.repositoryArn],
    })).applyBefore(image);
    this.imageName = name;
    this.imageVersionArn = version.attrImageVersionArn;
    this.imageVersionNumber = Token.asNumber(version.attrVersion);
    for (const appType of appTypes) {
      this.configs.set(appType, this.config(appType, container));
    }
  }

  public appImageConfigName(appType: StudioAppType): string {
    const config = this.configs.get(appType);
    if (config === undefined) {
      throw new ValidationError(this, `the image must be for ${appType}, got one for ${this.appTypes.join(', ')}: add it to appTypes`);
    }
    return config.ref;
  }

  private config(appType: StudioAppType, container: StudioContainerOptions): sagemaker.CfnAppImageConfig {
    const { arguments: args, entrypoint, environment = {} } = container;
    const variables = Object.entries(sortedByKey(environment));
    const isPlain = args === undefined && entrypoint === undefined && variables.length === 0;
    const config = isPlain ? {} : {
      containerConfig: {
        containerEntrypoint: entrypoint === undefined ? undefined : [entrypoint],
        containerArguments: args,
        containerEnvironmentVariables: variables.length === 0 ? undefined : variables.map(([key, value]) => ({ key, value })),
      },
    };
    return new sagemaker.CfnAppImageConfig(this, `${appType}Config`, {
      appImageConfigName: generatedName(this, appType),
      ...appType === StudioAppType.JUPYTER_LAB ? { jupyterLabAppImageConfig: config } : { codeEditorAppImageConfig: config },
    });
  }

  private validateContainer({ arguments: args = [], entrypoint, environment = {} }: StudioContainerOptions): void {
    validateText(this, 'container.entrypoint', entrypoint, { min: 1, max: 256 });
    if (!Token.isUnresolved(args) && args.length > MAX_ARGUMENTS) {
      throw new ValidationError(this, `container.arguments must be at most ${MAX_ARGUMENTS}, got ${args.length}`);
    }
    for (const argument of args) {
      validateText(this, 'an argument of the container', argument, { min: 1, max: 64 });
    }
    const names = Object.keys(environment);
    if (names.length > MAX_VARIABLES) {
      throw new ValidationError(this, `container.environment must have at most ${MAX_VARIABLES} variables, got ${names.length}`);
    }
    for (const name of names) {
      validateText(this, 'the name of an environment variable', name, { min: 1, max: 256 });
      validateText(this, `the environment variable ${name}`, environment[name], { max: 256 });
    }
  }
}
