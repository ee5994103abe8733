import {
  aws_codebuild as codebuild, aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, aws_s3_assets as assets,
  Duration, RemovalPolicy,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { assetPath } from '../../../private/assets';
import { acknowledge, acknowledgeWildcards } from '../../../private/nag/acknowledge';
import { shortHash } from '../../../private/naming';
import { LoadTestProvider } from './provider';
import type { LoadTestImageData, LoadTestImageProperties, LoadTestImageType } from './resources';
import { grantReadOfObject } from './grants';

/** Longer than a build has taken anywhere, and shorter than the custom resource waits. */
const BUILD_TIMEOUT = Duration.minutes(30);

/** The image of the load test's containers, built by CodeBuild at deployment. Its tag is made of all that it is made of. */
export class BuiltImage extends Construct {
  public readonly image: ecs.ContainerImage;

  public constructor(scope: Construct, id: string, architecture: ecs.CpuArchitecture) {
    super(scope, id);
    const isArm = architecture === ecs.CpuArchitecture.ARM64;
    const repository = new ecr.Repository(this, 'Repository', {
      removalPolicy: RemovalPolicy.DESTROY,
      emptyOnDelete: true,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
    });
    const source = new assets.Asset(this, 'Source', { path: assetPath('load-test') });
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const tag = shortHash(`${source.assetHash} ${isArm ? 'arm64' : 'x86_64'}`, 16);
    const project = this.project({ repository, source, logGroup, isArm, tag });
    const provider = LoadTestProvider.getOrCreate(this);
    const rights = provider.grant(this, 'Rights',
      new iam.PolicyStatement({
        actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds', 'codebuild:ListBuildsForProject'], resources: [project.projectArn],
      }),
      new iam.PolicyStatement({ actions: ['logs:GetLogEvents'], resources: [logGroup.logGroupArn] }),
    );
    const built = provider.customResource(this, 'Resource', {
      resourceType: 'Custom::SageMakerEdge-LoadTestImage' satisfies LoadTestImageType,
      serviceTimeout: provider.serviceTimeout,
      properties: {
        ProjectName: project.projectName, RepositoryName: repository.repositoryName, ImageTag: tag,
      } satisfies LoadTestImageProperties,
    });
    built.node.addDependency(rights, project, repository);
    this.image = ecs.ContainerImage.fromEcrRepository(repository, built.getAttString('ImageTag' satisfies keyof LoadTestImageData));
  }

  private project({ repository, source, logGroup, isArm, tag }: {
    repository: ecr.Repository; source: assets.Asset; logGroup: logs.LogGroup; isArm: boolean; tag: string;
  }): codebuild.Project {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com'), description: 'Build of a load test\'s image for cdk-sagemaker-edge',
    });
    role.addToPolicy(new iam.PolicyStatement({
      actions: [
        'ecr:DescribeImages', 'ecr:BatchCheckLayerAvailability', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage',
      ],
      resources: [repository.repositoryArn],
    }));
    role.addToPolicy(new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] })); // has no resource
    acknowledgeWildcards(role, 'ecr:GetAuthorizationToken has no resource', '*');
    grantReadOfObject(role, source.bucket, source.s3ObjectKey);
    const project = new codebuild.Project(this, 'Project', {
      // A frozen role: CodeBuild's own grants would read all of the bucket and write test reports.
      role: iam.Role.fromRoleArn(this, 'FixedRole', role.roleArn, { mutable: false }),
      source: codebuild.Source.s3({ bucket: source.bucket, path: source.s3ObjectKey }),
      environment: {
        buildImage: isArm ? codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0 : codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5,
        computeType: codebuild.ComputeType.SMALL,
        privileged: true, // Docker runs in it
      },
      environmentVariables: { REPOSITORY: { value: repository.repositoryUri }, TAG: { value: tag } },
      buildSpec: codebuild.BuildSpec.fromObject({
        version: '0.2',
        phases: {
          pre_build: { commands: ['aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"'] },
          // A tag is never replaced. An image of it is there where a project was made anew for the same repository.
          build: {
            commands: [
              'if aws ecr describe-images --repository-name "${REPOSITORY#*/}" --image-ids "imageTag=$TAG" > /dev/null 2>&1; then exit 0; fi; '
              + 'docker build --tag "$REPOSITORY:$TAG" . && docker push "$REPOSITORY:$TAG"',
            ],
          },
        },
      }),
      grantReportGroupPermissions: false,
      logging: { cloudWatch: { logGroup } },
      timeout: BUILD_TIMEOUT,
      concurrentBuildLimit: 1,
      description: 'cdk-sagemaker-edge: the image of a load test',
    });
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn],
    }));
    acknowledge(project, 'AwsSolutions-CB4', 'the project has no artifacts: the image goes to ECR, which encrypts it');
    project.node.addDependency(role);
    return project;
  }
}
