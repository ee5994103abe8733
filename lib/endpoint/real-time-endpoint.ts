import {
  ArnFormat, aws_ec2 as ec2, aws_iam as iam, aws_logs as logs, aws_sagemaker as sagemaker, Lazy, RemovalPolicy, Stack, Token,
  type aws_cloudwatch as cloudwatch, type aws_s3 as s3,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { selectNetwork, vpcConfig, type Network } from '../jobs/network';
import { generatedName } from '../private/naming';
import { claimName } from '../private/physical-names';
import { validateTrust } from '../private/trust';
import { ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import { EndpointDeployment } from './endpoint-deployment';
import { EndpointScaling, type EndpointScalingOptions } from './endpoint-scaling';
import { bindDataCapture } from './private/data-capture';
import { arnOfName } from './private/endpoint-names';
import { defaultExecutionRole, grantExecution } from './private/execution-role';
import { ProductionVariant } from './private/production-variant';
import { DEFAULT_VARIANT } from './private/variant-name';
import { RealTimeEndpointBase } from './real-time-endpoint-base';
import type { IRealTimeEndpoint } from './real-time-endpoint-interface';
import type { EndpointVariantProps, RealTimeEndpointProps } from './real-time-endpoint-props';

const MAX_VARIANTS = 10;
/** `AlarmList` of SageMaker's API. */
const MAX_ALARMS = 10;

/**
 * Defines a SageMaker endpoint that answers requests in real time: its models, its endpoint configuration, its role and its log.
 *
 * - **A change of a model or a variant** makes another model and another endpoint configuration, and then updates the endpoint without an
 *   interruption. The old ones are deleted when the update has succeeded.
 * - **An update that does not come up** fails the deployment, and CloudFormation rolls the endpoint back to the configuration that it had.
 * - **The containers' log** is the group `/aws/sagemaker/Endpoints/<name>`. It goes with the stack.
 *
 * It costs what its instances cost, also while nobody calls it.
 */
export class RealTimeEndpoint extends RealTimeEndpointBase implements ec2.IConnectable {
  /**
   * Import an existing endpoint of this account and region.
   * @param endpointName the name of the endpoint, as it was given
   */
  public static fromEndpointName(scope: Construct, id: string, endpointName: string): IRealTimeEndpoint {
    validateText(scope, 'endpointName', endpointName, ENTITY_NAME);
    class Import extends RealTimeEndpointBase {
      public readonly endpointName = endpointName;
      public readonly endpointArn = arnOfName(scope, endpointName);
    }
    return new Import(scope, id);
  }

  /**
   * Import an existing endpoint by its ARN.
   *
   * SageMaker's ARN is in lower case: for an endpoint whose name has capital letters, use `fromEndpointName`.
   * @param endpointArn the ARN of the endpoint
   */
  public static fromEndpointArn(scope: Construct, id: string, endpointArn: string): IRealTimeEndpoint {
    validateText(scope, 'endpointArn', endpointArn, {
      max: 2048, pattern: /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:\d{12}:endpoint\/[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
      wanted: "an ARN like 'arn:aws:sagemaker:<region>:<account>:endpoint/<name>'",
    });
    class Import extends RealTimeEndpointBase {
      public readonly endpointArn = endpointArn;
      public readonly endpointName = Stack.of(scope).splitArn(endpointArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
    }
    return new Import(scope, id, { environmentFromArn: endpointArn });
  }

  /** @attribute */
  public readonly endpointArn: string;

  /** @attribute */
  public readonly endpointName: string;

  /** The role that SageMaker assumes for the models. */
  public readonly role: iam.IRole;

  /** The log of the containers. */
  public readonly logGroup: logs.ILogGroup;

  /**
   * The bucket of the data capture.
   * @default - nothing is captured
   */
  public readonly captureBucket?: s3.IBucket;

  /** The name as it is known before the endpoint is there: an alarm by it does not wait for the endpoint.
   * @internal */
  public readonly _physicalEndpointName: string;

  private readonly network: Network;
  private readonly resource: sagemaker.CfnEndpoint;
  private readonly rollbackAlarms: cloudwatch.IAlarmRef[] = [];
  private readonly variants: readonly EndpointVariantProps[];

  public constructor(scope: Construct, id: string, props: RealTimeEndpointProps) {
    super(scope, id);
    const name = props.endpointName ?? generatedName(scope, id).toLowerCase();
    validateText(this, 'endpointName', name, ENTITY_NAME);
    claimName(this, 'real-time endpoint', Token.isUnresolved(name) ? name : name.toLowerCase()); // SageMaker does not tell them apart
    this._physicalEndpointName = name;
    this.variants = props.variants;
    this.validateVariants(props);
    this.network = selectNetwork(this, props, 'Containers of a real-time endpoint');
    this.role = props.role ?? defaultExecutionRole(this);
    validateTrust(this, 'role', this.role, ['sagemaker.amazonaws.com']);
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/sagemaker/Endpoints/${name}`,
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const grants = grantExecution(this.role, { ...this.network, logGroup: this.logGroup, volumeKey: props.volumeKey });

    const variants = props.variants.map((variant) => new ProductionVariant(this, variant.variantName ?? DEFAULT_VARIANT, variant, {
      role: this.role, vpcConfig: vpcConfig(this.network), networkIsolation: props.networkIsolation,
    }));
    const capture = props.dataCapture && bindDataCapture(this, this.role, name, props.dataCapture);
    this.captureBucket = capture?.bucket;
    const config = new sagemaker.CfnEndpointConfig(this, 'Config', {
      productionVariants: variants.map(({ property }) => property),
      dataCaptureConfig: capture?.property,
      kmsKeyId: props.volumeKey?.keyRef.keyArn,
    });
    props.deployment?._render(this, this.deployedVariants()); // to fail here
    this.resource = new sagemaker.CfnEndpoint(this, 'Resource', {
      endpointName: name,
      endpointConfigName: config.attrEndpointConfigName,
      retainAllVariantProperties: props.retainVariantProperties,
      deploymentConfig: Lazy.any({ produce: () => this.renderDeployment(props.deployment) }),
    });
    for (const grant of [...grants, ...capture === undefined ? [] : [capture.grant]]) {
      grant.applyBefore(this.resource);
    }
    this.endpointArn = this.resource.ref;
    this.endpointName = this.resource.attrEndpointName;
  }

  /** The network connections of the containers. Reading them fails unless `vpc` is given. */
  public get connections(): ec2.Connections {
    if (this.network.securityGroups.length === 0) {
      throw new ValidationError(this, 'connections are there only where vpc is given, got none');
    }
    return new ec2.Connections({ securityGroups: [...this.network.securityGroups] });
  }

  /**
   * Returns the shell command that prints what the containers have written in the last hour. It needs the AWS CLI. Each line begins with
   * its log stream, `<variant>/<instance>`: containers that did not come up have streams of their own.
   *
   * It is for an update that failed, of which CloudFormation shows SageMaker's reason alone. Make it an output of the stack, so that it is
   * there when a later deployment fails.
   */
  public readLogCommand(): string {
    const { region } = Stack.of(this);
    return `aws logs filter-log-events --region ${region} --log-group-name ${this.logGroup.logGroupName} `
      + '--start-time "$(($(date +%s) - 3600))000" --query \'events[].[logStreamName,message]\' --output text';
  }

  /**
   * Scales the number of instances of a variant, once for each variant. Say by what with a method of the result:
   * `endpoint.autoScale({ min: 2, max: 10 }).onInvocationsPerInstance(3000)`.
   */
  public autoScale(options: EndpointScalingOptions): EndpointScaling {
    const { max, min, variantName = this._defaultVariant() } = options;
    const variant = this.variants.find((each) => (each.variantName ?? DEFAULT_VARIANT) === variantName);
    if (variant === undefined) {
      throw new ValidationError(this, `variantName must be one of ${this.variantNames().join(', ')}, got '${variantName}'`);
    }
    const { instanceCount = 1, instanceType } = variant;
    if (/^ml\.t\d/.test(instanceType.instanceTypeName)) {
      throw new ValidationError(this, `instances of a burstable type are not scaled by SageMaker, got ${instanceType.instanceTypeName}: take another type`);
    }
    const isKnown = ![instanceCount, min, max].some((each) => Token.isUnresolved(each));
    if (isKnown && (instanceCount < min || instanceCount > max)) {
      throw new ValidationError(this, `instanceCount of the variant '${variantName}' must be from min to max, wanted ${min} to ${max}, got ${instanceCount}`);
    }
    if (this.node.tryFindChild(`Scaling${variantName}`) !== undefined) {
      throw new ValidationError(this, `autoScale must be called once for each variant, got a second call for '${variantName}'`);
    }
    return new EndpointScaling(this, `Scaling${variantName}`, { ...options, endpoint: this, variantName });
  }

  /**
   * Adds alarms that roll an update back: at most 10. They are watched as `deployment` says.
   *
   * An alarm must be of the account and region of the endpoint. Metrics of the endpoint itself can be used (`endpoint.metric5xx()`), or
   * the alarms of `EndpointAlarms`.
   */
  public addRollbackAlarms(...alarms: cloudwatch.IAlarmRef[]): void {
    this.rollbackAlarms.push(...alarms);
    if (this.rollbackAlarms.length > MAX_ALARMS) {
      throw new ValidationError(this, `rollback alarms must be at most ${MAX_ALARMS}, got ${this.rollbackAlarms.length}: join some to a composite alarm`);
    }
    EndpointDeployment.allAtOnce()._render(this, this.deployedVariants()); // an endpoint that can have none fails here
    for (const { alarmRef } of alarms) {
      iam.Grant.addToPrincipal({
        grantee: this.role, actions: ['cloudwatch:DescribeAlarms'], resourceArns: [alarmRef.alarmArn],
      }).applyBefore(this.resource);
    }
  }

  private renderDeployment(deployment: EndpointDeployment | undefined): sagemaker.CfnEndpoint.DeploymentConfigProperty | undefined {
    if (this.rollbackAlarms.length === 0) {
      return deployment?._render(this, this.deployedVariants());
    }
    return {
      ...(deployment ?? EndpointDeployment.allAtOnce())._render(this, this.deployedVariants()),
      autoRollbackConfiguration: { alarms: this.rollbackAlarms.map(({ alarmRef: { alarmName } }) => ({ alarmName })) },
    };
  }

  private deployedVariants(): { name: string; instanceType: string; instances: number }[] {
    return this.variants.map(({ instanceCount = 1, instanceType: { instanceTypeName }, variantName = DEFAULT_VARIANT }) => (
      { name: variantName, instanceType: instanceTypeName, instances: instanceCount }
    ));
  }

  /** @internal */
  protected override _defaultVariant(): string {
    return this.variantNames()[0] ?? DEFAULT_VARIANT;
  }

  private variantNames(): string[] {
    return this.variants.map(({ variantName = DEFAULT_VARIANT }) => variantName);
  }

  private validateVariants({ variants }: RealTimeEndpointProps): void {
    if (variants.length < 1 || variants.length > MAX_VARIANTS) {
      throw new ValidationError(this, `variants must be 1 to ${MAX_VARIANTS}, got ${variants.length}`);
    }
    const names = this.variantNames();
    const token = names.find((name) => Token.isUnresolved(name));
    if (token !== undefined) {
      throw new ValidationError(this, 'variantName must be known at synth, since the resources of a variant are named by it, got a token');
    }
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
      throw new ValidationError(this, `each variant must have a variantName of its own, got '${twice}' twice`);
    }
  }
}
