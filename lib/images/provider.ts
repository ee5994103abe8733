import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerProvider } from '../private/handler-provider';
import { inStack } from '../private/in-stack';

/** The one provider of a stack for images that are built at deployment. */
export class ImageProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): ImageProvider {
    return inStack(scope, 'cdk-sagemaker-edge.ImageProvider', (stack, uid) => new ImageProvider(stack, uid));
  }

  /** Longer than the handler's own limit of all polls. */
  public readonly serviceTimeout = Duration.minutes(45);

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'images',
      purpose: 'images that are built at deployment',
      description: 'images built by CodeBuild',
      adviceOnLimit: 'each image adds to it: put some of them into another stack, whose handler has a role of its own',
    });
  }
}
