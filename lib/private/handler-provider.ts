import {
  AspectPriority, Aspects,
  aws_iam as iam, aws_lambda as lambda, aws_logs as logs, custom_resources as cr, Duration, RemovalPolicy, type Size,
} from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { handlerCode } from './assets';
import { limitInlinePolicies } from './role-limit';
import { followIntoVpc } from './vpc-rights';
import { acknowledgeFramework } from './nag/framework';

export interface HandlerProviderProps {
  /** The folder of the handler in `lambda/`, and of its prebuilt bundle in `assets/`. */
  readonly handler: string;
  /** What the handler is for, to end the sentence "Handler of cdk-sagemaker-edge for …". */
  readonly purpose: string;
  /** What the handler does, in a few words. */
  readonly description: string;
  /** How long one invocation may take. */
  readonly timeout: Duration;
  /** How long the work of one resource may take. The handler's own limits come before it, since the framework's message helps nobody. */
  readonly totalTimeout: Duration;
  /**
   * The time between two polls.
   *
   * @default - 5 seconds
   */
  readonly queryInterval?: Duration;
  /**
   * What to do when the policies of the role grow larger than IAM allows.
   *
   * @default - the role does not grow
   */
  readonly adviceOnLimit?: string;
  /**
   * The memory of the handler in MiB.
   *
   * @default 256
   */
  readonly memorySize?: number;
  /**
   * The size of the handler's /tmp.
   *
   * @default - Lambda's own default, 512 MiB
   */
  readonly ephemeralStorageSize?: Size;
}

/** How the providers within a scope are configured. */
const CONFIGURE = new WeakMap<IConstruct, (provider: HandlerProvider) => void>();

/**
 * The one provider of a stack for some types of custom resources: the handler, its log and role, and CDK's provider framework.
 *
 * The role starts with the right to write the log alone. Each construct adds what it needs in a policy of its own, and its custom
 * resource depends on that policy, so that the resource's Delete comes while the right is still there.
 */
export abstract class HandlerProvider extends Construct {
  /** Has `configure` called with each provider within a scope, at synth. Of several scopes, that of the innermost is called. */
  public static configureWithin(scope: IConstruct, configure: (provider: HandlerProvider) => void): void {
    CONFIGURE.set(scope, configure);
  }

  public readonly serviceToken: string;
  protected readonly role: iam.Role;

  protected constructor(scope: Construct, id: string, props: HandlerProviderProps) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Handler of cdk-sagemaker-edge for ${props.purpose}`,
    });
    logGroup.grantWrite(this.role);
    if (props.adviceOnLimit !== undefined) {
      limitInlinePolicies(this.role, props.adviceOnLimit);
    }
    const handler = new lambda.Function(this, 'Handler', {
      code: handlerCode(props.handler),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      memorySize: props.memorySize ?? 256,
      ephemeralStorageSize: props.ephemeralStorageSize,
      timeout: props.timeout,
      role: this.role,
      logGroup,
      description: `cdk-sagemaker-edge: ${props.description}`,
    });
    const provider = new cr.Provider(this, 'Provider', {
      onEventHandler: handler,
      isCompleteHandler: handler,
      queryInterval: props.queryInterval ?? Duration.seconds(5),
      totalTimeout: props.totalTimeout,
      logGroup,
    });
    acknowledgeFramework(provider);
    this.serviceToken = provider.serviceToken;
    followIntoVpc(this);
    this.configureAtSynth();
  }

  /** By an Aspect of its own: one on an app would not reach the stacks in its stages. */
  private configureAtSynth(): void {
    const visit = (node: IConstruct): void => {
      if (node === this) {
        this.node.scopes.map((scope) => CONFIGURE.get(scope)).findLast((each) => each !== undefined)?.(this);
      }
    };
    Aspects.of(this).add({ visit }, { priority: AspectPriority.MUTATING });
  }

  /** Grants the handler rights in a policy of its own under `owner`. */
  public grant(owner: Construct, id: string, ...statements: iam.PolicyStatement[]): iam.Policy {
    return new iam.Policy(owner, id, { roles: [this.role], statements });
  }

  /** The same for rights that several resources need: the first one's grant serves all. */
  public grantOnce(owner: Construct, id: string, ...statements: iam.PolicyStatement[]): iam.Policy {
    const granted = owner.node.tryFindChild(id);
    return granted instanceof iam.Policy ? granted : this.grant(owner, id, ...statements);
  }
}
