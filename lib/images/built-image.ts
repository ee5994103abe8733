import {
  aws_codebuild as codebuild, aws_ecr as ecr, aws_iam as iam, aws_logs as logs, aws_s3_assets as assets,
  Duration, RemovalPolicy,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../private/nag/acknowledge';
import { shortHash } from '../private/naming';
import { objectReadGrant } from '../private/object-read-grant';
import type { BuiltImageData, BuiltImageProperties, BuiltImageType } from './contract';
import { ImageProvider } from './provider';

/** Longer than a build has taken anywhere, and shorter than the custom resource waits. */
const BUILD_TIMEOUT = Duration.minutes(30);
/** As the image's own user, whatever its entry point is. */
const CHECK = 'docker run --rm --network none --entrypoint /bin/sh "$REPOSITORY:$TAG" -c "$CHECK" && ';

export interface BuiltImageProps {
  /** The folder with the Dockerfile. */
  readonly folder: string;
  /** Default: x86_64. */
  readonly isArm?: boolean;
  /** What the image is for, to end the sentence "the image of …". */
  readonly purpose: string;
  /** A script of `/bin/sh` that runs in the image before it is pushed, without a network. The build fails where it fails. */
  readonly check?: string;
  /** Of the machine that builds. Default: the smallest. */
  readonly computeType?: codebuild.ComputeType;
}

/**
 * An image that CodeBuild builds at deployment, in a repository of its own. Its tag is made of all that it is made of, so that it is built
 * again when its inputs change, and not otherwise.
 */
export class BuiltImage extends Construct {
  public readonly repository: ecr.Repository;
  /** Of the image. It is known when the image is there, and the repository never gives it to another one. */
  public readonly tag: string;
  /** The same: `sha256:…`. */
  public readonly digest: string;

  public constructor(scope: Construct, id: string, props: BuiltImageProps) {
    super(scope, id);
    const { isArm = false, check = '' } = props;
    const repository = new ecr.Repository(this, 'Repository', {
      removalPolicy: RemovalPolicy.DESTROY,
      emptyOnDelete: true,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
    });
    this.repository = repository;
    const source = new assets.Asset(this, 'Source', { path: props.folder });
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const tag = shortHash([source.assetHash, isArm ? 'arm64' : 'x86_64', ...check === '' ? [] : [check]].join(' '), 16);
    const project = this.project(props, { repository, source, logGroup, tag });
    const provider = ImageProvider.getOrCreate(this);
    const rights = provider.grant(this, 'Rights',
      new iam.PolicyStatement({
        actions: ['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:BatchGetBuilds', 'codebuild:ListBuildsForProject'],
        resources: [project.projectArn],
      }),
      new iam.PolicyStatement({ actions: ['logs:GetLogEvents'], resources: [logGroup.logGroupArn] }),
      new iam.PolicyStatement({ actions: ['ecr:DescribeImages'], resources: [repository.repositoryArn] }),
    );
    const built = provider.customResource(this, 'Resource', {
      resourceType: 'Custom::SageMakerEdge-BuiltImage' satisfies BuiltImageType,
      serviceTimeout: provider.serviceTimeout,
      properties: {
        ProjectName: project.projectName, RepositoryName: repository.repositoryName, ImageTag: tag,
      } satisfies BuiltImageProperties,
    });
    built.node.addDependency(rights, project, repository);
    this.tag = built.getAttString('ImageTag' satisfies keyof BuiltImageData);
    this.digest = built.getAttString('ImageDigest' satisfies keyof BuiltImageData);
  }

  private project({ isArm = false, purpose, check = '', computeType = codebuild.ComputeType.SMALL }: BuiltImageProps, { repository, source, logGroup, tag }: {
    repository: ecr.Repository; source: assets.Asset; logGroup: logs.LogGroup; tag: string;
  }): codebuild.Project {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com'), description: `Build of the image of ${purpose} for cdk-sagemaker-edge`,
    });
    role.addToPolicy(new iam.PolicyStatement({
      actions: [
        'ecr:DescribeImages', 'ecr:BatchCheckLayerAvailability', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage',
      ],
      resources: [repository.repositoryArn],
    }));
    role.addToPolicy(new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] })); // has no resource
    acknowledgeWildcards(role, 'ecr:GetAuthorizationToken has no resource', '*');
    objectReadGrant(role, source.bucket, source.bucket.arnForObjects(source.s3ObjectKey));
    const project = new codebuild.Project(this, 'Project', {
      // A frozen role: CodeBuild's own grants would read all of the bucket and write test reports.
      role: iam.Role.fromRoleArn(this, 'FixedRole', role.roleArn, { mutable: false }),
      source: codebuild.Source.s3({ bucket: source.bucket, path: source.s3ObjectKey }),
      environment: {
        buildImage: isArm ? codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0 : codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5,
        computeType,
        privileged: true, // Docker runs in it
      },
      environmentVariables: {
        REPOSITORY: { value: repository.repositoryUri }, TAG: { value: tag }, ...check === '' ? {} : { CHECK: { value: check } },
      },
      buildSpec: codebuild.BuildSpec.fromObject({
        version: '0.2',
        phases: {
          pre_build: { commands: ['aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"'] },
          // A tag is never replaced. An image of it is there where a project was made anew for the same repository.
          build: {
            commands: [
              'if aws ecr describe-images --repository-name "${REPOSITORY#*/}" --image-ids "imageTag=$TAG" > /dev/null 2>&1; then exit 0; fi; '
              + `docker build --tag "$REPOSITORY:$TAG" . && ${check === '' ? '' : CHECK}docker push "$REPOSITORY:$TAG"`,
            ],
          },
        },
      }),
      grantReportGroupPermissions: false,
      logging: { cloudWatch: { logGroup } },
      timeout: BUILD_TIMEOUT,
      concurrentBuildLimit: 1,
      description: `cdk-sagemaker-edge: the image of ${purpose}`,
    });
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn],
    }));
    acknowledge(project, 'AwsSolutions-CB4', 'the project has no artifacts: the image goes to ECR, which encrypts it');
    project.node.addDependency(role);
    return project;
  }
}
