import type { Duration} from 'aws-cdk-lib';
import { aws_iam as iam, aws_lambda as lambda, aws_logs as logs, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { handlerCode } from '../../private/assets';
import { followIntoVpc } from '../../private/vpc-rights';
import { HEALTH_SETTINGS, type HealthSettings } from './contract';

interface HealthFunctionProps {
  /** The folder of the handler in `lambda/health/`. */
  readonly handler: string;
  /** What it does, in a few words. */
  readonly description: string;
  readonly settings: HealthSettings;
  readonly timeout: Duration;
  readonly statements: iam.PolicyStatement[];
}

/** A function of the health of a fleet, with its log and a role that has these rights alone. */
export class HealthFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly rights: iam.Policy;

  public constructor(scope: Construct, id: string, props: HealthFunctionProps) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), description: `cdk-sagemaker-edge: ${props.description}`,
    });
    logGroup.grantWrite(role);
    this.rights = new iam.Policy(this, 'Rights', { roles: [role], statements: props.statements });
    this.function = new lambda.Function(this, 'Function', {
      code: handlerCode(`health/${props.handler}`),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      memorySize: 256,
      timeout: props.timeout,
      role,
      logGroup,
      environment: { [HEALTH_SETTINGS]: Stack.of(this).toJsonString(props.settings) },
      description: `cdk-sagemaker-edge: ${props.description}`,
    });
    this.function.node.addDependency(this.rights);
    followIntoVpc(this);
  }
}
