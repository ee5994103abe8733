import {
  AspectPriority, Aspects,
  aws_iam as iam, CustomResource, type CustomResourceProps, Duration, type Size,
} from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { handlerFunction, handlerLog } from './assets';
import { limitInlinePolicies } from './role-limit';
import { followIntoVpc } from './vpc-rights';

export interface HandlerProviderProps {
  /** The folder of the handler in `lambda/`, and of its prebuilt bundle in `assets/`. */
  readonly handler: string;
  /** What the handler is for, to end the sentence "Handler of cdk-sagemaker-edge for …". */
  readonly purpose: string;
  /** What the handler does, in a few words. */
  readonly description: string;
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

/** Lambda's longest. What takes longer goes on in another invocation: see lambda/shared/lifecycle.ts. */
const TIMEOUT = Duration.minutes(15);

/**
 * The one provider of a stack for some types of custom resources: the handler with its log, its role, and the right to go on in another
 * invocation. The handler answers CloudFormation by itself.
 *
 * The role starts with these two rights alone. Each construct adds what it needs in a policy of its own, and its custom resource depends
 * on that policy and on the provider, so that the resource's Delete comes while the rights are still there.
 */
export abstract class HandlerProvider extends Construct {
  /** Has `configure` called with each provider within a scope, at synth. Of several scopes, that of the innermost is called. */
  public static configureWithin(scope: IConstruct, configure: (provider: HandlerProvider) => void): void {
    CONFIGURE.set(scope, configure);
  }

  private readonly serviceToken: string;
  protected readonly role: iam.Role;
  /** What the handler may do for as long as the provider is there. The handler itself does not depend on it. */
  protected readonly rights: iam.Policy;

  protected constructor(scope: Construct, id: string, props: HandlerProviderProps) {
    super(scope, id);
    const logGroup = handlerLog(this);
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Handler of cdk-sagemaker-edge for ${props.purpose}`,
    });
    if (props.adviceOnLimit !== undefined) {
      limitInlinePolicies(this.role, props.adviceOnLimit);
    }
    const handler = handlerFunction(this, 'Handler', {
      handler: props.handler,
      description: props.description,
      role: this.role,
      logGroup,
      timeout: TIMEOUT,
      memorySize: props.memorySize,
      ephemeralStorageSize: props.ephemeralStorageSize,
    });
    this.rights = new iam.Policy(this, 'Rights', {
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
        new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] }),
      ],
    });
    this.serviceToken = handler.functionArn;
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

  /** A custom resource of this provider. It is made after the handler's own rights, and deleted before them. */
  public customResource(scope: Construct, id: string, props: Omit<CustomResourceProps, 'serviceToken'>): CustomResource {
    const resource = new CustomResource(scope, id, { ...props, serviceToken: this.serviceToken });
    resource.node.addDependency(this.rights);
    return resource;
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
