import type { aws_ec2 as ec2, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { HandlerProvider } from '../private/handler-provider';
import { checkOptions } from './private/check-options';
import { applySettings } from './private/apply-settings';
import { recordSettings } from './private/recorded-settings';

/** How the functions of custom resources are made: the handlers of this library, one for each area that a stack uses. */
export interface HandlerOptions {
  /**
   * The least memory of each function in MiB: 128 to 10,240. A handler that needs more keeps what it needs.
   *
   * @default - 256, and 1769 for the handler that packages models in S3
   */
  readonly memorySize?: number;

  /**
   * The instruction set of the functions.
   *
   * @default lambda.Architecture.X86_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Whether AWS X-Ray traces the functions. If it does, their roles get the rights to send traces.
   *
   * @default lambda.Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;

  /**
   * The concurrency that is reserved for each function: 1 or more. It is also a limit: a function runs as long as a custom resource
   * waits, so it should be at least the number of custom resources of one kind that CloudFormation creates at the same time. What
   * Lambda throttles comes later.
   *
   * @default - no reserved concurrency
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * How long the logs of the functions are kept.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The removal policy of the log groups: `DESTROY`, `RETAIN` or `RETAIN_ON_UPDATE_OR_DELETE`.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * The KMS key of the log groups. A key of this app gets a statement in its policy, by which CloudWatch Logs may use it for the log
   * groups of the stack. The policy of an imported key must have such a statement.
   *
   * @default - CloudWatch Logs encrypts with its own keys
   */
  readonly logEncryptionKey?: kms.IKey;

  /**
   * The KMS key of the environment variables. Lambda itself grants the roles of the functions its use, with the rights of the deployer:
   * they include `kms:CreateGrant` on the key.
   *
   * @default - the key of the account for Lambda
   */
  readonly environmentEncryption?: kms.IKeyRef;

  /**
   * The VPC of the functions. Their roles get the rights on network interfaces. The functions need a way to the APIs of AWS: a NAT
   * gateway, or VPC endpoints.
   *
   * @default - the functions are in no VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC. They must not be public: a function has no public address, so that nothing is reached from there.
   *
   * @default - private subnets with outbound access, or else isolated subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the functions. They need outbound access on port 443.
   *
   * @default - a new security group for each handler, with outbound access on port 443 alone
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
}

/**
 * Settings for all custom resources of this library within a scope: an app, a stage, a stack or a construct.
 *
 * A stack has one handler for each area that it uses, such as device identity or compilation jobs. The handlers are children of the
 * stack. So apply the settings to the stack or to something around it.
 */
export class HandlerSettings {
  /** Return the settings of a scope. */
  public static of(scope: IConstruct): HandlerSettings {
    return new HandlerSettings(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  /**
   * Apply settings to all handlers within the scope, also to those that are created later.
   *
   * An option that is left out stays as it is. Where several scopes set an option, the innermost scope wins; in one scope, the last
   * call. `vpc`, `vpcSubnets` and `securityGroups` are one option.
   */
  public apply(options: HandlerOptions): void {
    checkOptions(this.scope, options);
    recordSettings(this.scope, options);
    HandlerProvider.configureWithin(this.scope, applySettings);
  }
}
