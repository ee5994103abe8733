import { aws_iam as iam, Stack, type aws_lambda as lambda, type Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { handlerFunction, handlerLog } from '../../private/assets';
import { followIntoVpc } from '../../private/vpc-rights';
import { HEALTH_SETTINGS, type HealthSettings } from './contract';
import type { LabelSettings } from './labels-contract';

interface HealthFunctionProps {
  /** The folder of the handler in `lambda/health/`. */
  readonly handler: string;
  /** What it does, in a few words. */
  readonly description: string;
  readonly settings: HealthSettings | LabelSettings;
  /** The environment variable for them. By default `HEALTH_SETTINGS`. */
  readonly variable?: string;
  readonly timeout: Duration;
  /** MiB. */
  readonly memorySize?: number;
  readonly statements: iam.PolicyStatement[];
}

/** A function of the health of a fleet, with its log and a role that has these rights alone. */
export class HealthFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly rights: iam.Policy;

  public constructor(scope: Construct, id: string, props: HealthFunctionProps) {
    super(scope, id);
    const logGroup = handlerLog(this);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), description: `cdk-sagemaker-edge: ${props.description}`,
    });
    logGroup.grantWrite(role);
    this.rights = new iam.Policy(this, 'Rights', { roles: [role], statements: props.statements });
    this.function = handlerFunction(this, 'Function', {
      handler: `health/${props.handler}`,
      description: props.description,
      role,
      logGroup,
      timeout: props.timeout,
      memorySize: props.memorySize,
      environment: { [props.variable ?? HEALTH_SETTINGS]: Stack.of(this).toJsonString(props.settings) },
    });
    this.function.node.addDependency(this.rights);
    followIntoVpc(this);
  }
}
