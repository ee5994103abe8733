import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerProvider } from '../../../private/handler-provider';
import { inStack } from '../../../private/in-stack';

/** The one provider of a stack for what load tests need at deployment: that no run outlives them. */
export class LoadTestProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): LoadTestProvider {
    return inStack(scope, 'cdk-sagemaker-edge.LoadTestProvider', (stack, uid) => new LoadTestProvider(stack, uid));
  }

  /** Longer than the handler's own limit of all polls. */
  public readonly serviceTimeout = Duration.minutes(45);

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'endpoint/load-test-resources',
      purpose: 'load tests of endpoints',
      description: 'the end of the runs of load tests',
      adviceOnLimit: 'each load test adds to it: put some of them into another stack, whose handler has a role of its own',
    });
  }
}
