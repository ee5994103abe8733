import { aws_ecs as ecs, type aws_ecr as ecr } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BuiltImage } from '../images/built-image';
import { assetPath } from '../private/assets';

/** The image of a load test's containers: Locust, boto3 and the programs of this library. */
export abstract class LoadTestImage {
  /**
   * The image is built at deployment, by CodeBuild, from a Dockerfile and requirements that this library ships: the base image is pinned by
   * digest, and each Python package by hash. Nobody needs Docker. The build reaches public.ecr.aws and PyPI.
   */
  public static builtAtDeployment(): LoadTestImage {
    return new Build();
  }

  /**
   * An image in ECR that you have built from `assets/load-test` of this package, for the architecture of the load test.
   *
   * @param repository the repository, in the region of the stack
   * @param tag the tag of the image, or its digest, `sha256:…`
   */
  public static fromEcr(repository: ecr.IRepository, tag: string): LoadTestImage {
    return new Given(repository, tag);
  }

  /**
   * Called by the load test.
   *
   * @param scope the load test
   * @param architecture of the tasks
   */
  public abstract bind(scope: Construct, architecture: ecs.CpuArchitecture): ecs.ContainerImage;
}

class Build extends LoadTestImage {
  public bind(scope: Construct, architecture: ecs.CpuArchitecture): ecs.ContainerImage {
    const { repository, tag } = new BuiltImage(scope, 'Image', {
      folder: assetPath('load-test'), isArm: architecture === ecs.CpuArchitecture.ARM64, purpose: 'a load test',
    });
    return ecs.ContainerImage.fromEcrRepository(repository, tag);
  }
}

class Given extends LoadTestImage {
  public constructor(private readonly repository: ecr.IRepository, private readonly tag: string) {
    super();
  }

  public bind(): ecs.ContainerImage {
    return ecs.ContainerImage.fromEcrRepository(this.repository, this.tag);
  }
}
