import { aws_sagemaker as sagemaker, Token, type aws_iam as iam } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { shortHash } from '../../private/naming';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../../private/validation';
import type { EndpointVariantProps } from '../real-time-endpoint-props';
import { wholeNumberOf } from './durations';
import { DEFAULT_VARIANT } from './variant-name';

/** What all variants of an endpoint share. */
interface Shared {
  readonly role: iam.IRole;
  readonly vpcConfig?: sagemaker.CfnModel.VpcConfigProperty;
  readonly networkIsolation?: boolean;
}

/** A variant of an endpoint, and its model. */
export class ProductionVariant extends Construct {
  public readonly property: sagemaker.CfnEndpointConfig.ProductionVariantProperty;

  public constructor(scope: Construct, id: string, private readonly props: EndpointVariantProps, shared: Shared) {
    super(scope, id);
    const { instanceType, variantName = DEFAULT_VARIANT } = props;
    this.validate();
    const model = this.makeModel(shared);
    this.property = {
      variantName,
      modelName: model.attrModelName,
      instanceType: instanceType.instanceTypeName,
      initialInstanceCount: props.instanceCount ?? 1,
      initialVariantWeight: props.weight ?? 1,
      modelDataDownloadTimeoutInSeconds: this.seconds('modelDataDownloadTimeout'),
      containerStartupHealthCheckTimeoutInSeconds: this.seconds('containerStartupTimeout'),
      routingConfig: props.routing && { routingStrategy: props.routing },
      volumeSizeInGb: this.volumeSize(),
    };
  }

  /** It has no name: another model of one endpoint is another resource, which is there before the endpoint takes it. */
  private makeModel({ role, vpcConfig, networkIsolation }: Shared): sagemaker.CfnModel {
    const { container, grant, version } = this.props.model._bind(this, this.props.instanceType.gpus > 0);
    if (Token.isUnresolved(version)) {
      throw new ValidationError(this, 'objectVersion must be known at synth, since another version is another model resource, got a token');
    }
    const id = version === undefined ? 'Model' : `Model${shortHash(version)}`;
    const model = new sagemaker.CfnModel(this, id, {
      executionRoleArn: role.roleArn, primaryContainer: container, vpcConfig, enableNetworkIsolation: networkIsolation,
    });
    for (const each of grant(role)) {
      each.applyBefore(model); // SageMaker reads the archive and the image's manifest when a model is created
    }
    return model;
  }

  private validate(): void {
    const { instanceCount, variantName, weight } = this.props;
    validateText(this, 'variantName', variantName, ENTITY_NAME);
    validateInteger(this, 'instanceCount', instanceCount, 1, Number.MAX_SAFE_INTEGER);
    if (weight !== undefined && !Token.isUnresolved(weight) && !(weight >= 0)) {
      throw new ValidationError(this, `weight must be 0 or more, got ${weight}`);
    }
  }

  private seconds(name: 'modelDataDownloadTimeout' | 'containerStartupTimeout'): number | undefined {
    const duration = this.props[name];
    return duration && wholeNumberOf(this, name, duration, 'seconds', 60, 3600);
  }

  private volumeSize(): number | undefined {
    const { volumeSize } = this.props;
    if (volumeSize === undefined || volumeSize.isUnresolved()) {
      return volumeSize?.toGibibytes();
    }
    const gib = volumeSize.toKibibytes() / 1024 ** 2;
    validateInteger(this, 'volumeSize in GiB', gib, 1, 512);
    return gib;
  }
}
