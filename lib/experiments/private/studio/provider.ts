import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerProvider } from '../../../private/handler-provider';
import { inStack } from '../../../private/in-stack';

/** The one provider of a stack for what CloudFormation can not do with Studio: images in a domain of others, the end of applications. */
export class StudioProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): StudioProvider {
    return inStack(scope, 'cdk-sagemaker-edge.StudioProvider', (stack, uid) => new StudioProvider(stack, uid));
  }

  /** Longer than the handler's own limit of all polls. */
  public readonly serviceTimeout = Duration.minutes(55);

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'experiments/studio',
      purpose: 'domains of SageMaker Studio',
      description: 'images of existing Studio domains, and the end of applications',
      adviceOnLimit: 'each domain, user and space adds to it: put some of them into another stack, whose handler has a role of its own',
    });
  }
}
