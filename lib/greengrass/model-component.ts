import type { aws_greengrassv2 as greengrass, aws_s3 as s3 } from 'aws-cdk-lib';
import { Resource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BucketOnnxModel } from '../model/bucket-onnx-model';
import { ModelRuntime, type IDeployableModel } from '../model/deployable-model';
import { OnnxModel } from '../model/onnx-model';
import { objectArtifact, zipArtifact, type BoundArtifact } from './private/artifact';
import { defineComponent, fileManifests } from './private/component';
import { componentNameOf, versionBaseOf } from './private/names';
import { ValidationError } from '../private/validation';
import { ComponentGrants } from './component-grants';
import { ComponentPlatform } from './component-platform';
import { GreengrassComponent, type ComponentOptions, type IGreengrassComponent } from './greengrass-component';

/** A model as a Greengrass component. */
export interface IModelComponent extends IGreengrassComponent {
  /** The name under which a device loads the model. */
  readonly modelName: string;

  /**
   * The path of the model package on a device, relative to the root folder of the nucleus: a folder, or a tar.gz for an imported model.
   */
  readonly packagePath: string;
}

/** Attributes of an existing model component. */
export interface ModelComponentAttributes {
  /** The name of the component. */
  readonly componentName: string;

  /** The version of the component. */
  readonly componentVersion: string;

  /** The name under which a device loads the model. */
  readonly modelName: string;

  /**
   * The bucket that holds the artifacts.
   *
   * @default - unknown: grant the role that devices assume read access to the artifacts yourself
   */
  readonly artifactBucket?: s3.IBucket;
}

/** Properties of a `ModelComponent`. */
export interface ModelComponentProps extends ComponentOptions {
  /** The model. Its runtime must be ONNX: an `OnnxModel`, or an import with that runtime. */
  readonly model: IDeployableModel;

  /**
   * The version of the component: three numbers. A version cannot be changed: give a new model a new version.
   *
   * @default - the first two numbers of the model's version, or 1.0, and a third number derived from the content: a new
   * model has a new version. Derived versions have no order
   */
  readonly componentVersion?: string;
}

abstract class ModelComponentBase extends Resource implements IModelComponent {
  public abstract readonly componentName: string;
  public abstract readonly componentVersion: string;
  public abstract readonly componentVersionArn: string;
  public abstract readonly modelName: string;
  public abstract readonly packagePath: string;
  public abstract readonly artifactBucket?: s3.IBucket;
  public readonly dependencies: IGreengrassComponent[] = [];

  /** Grants on the component. */
  public get grants(): ComponentGrants {
    return ComponentGrants.fromComponent(this);
  }

  public get componentVersionRef(): greengrass.ComponentVersionReference {
    return { componentVersionArn: this.componentVersionArn };
  }
}

/**
 * Define a Greengrass component that brings a model to a device. It has the files of the model package, and the
 * manifest by which the agent checks them. All components can read them.
 *
 * The same model has the same version on each machine that synthesizes it, and another model has another version.
 * Versions are retained when the stack moves on: for devices that come later, and for a rollback. Import one with
 * `fromModelComponentAttributes`.
 */
export class ModelComponent extends ModelComponentBase {
  /** Import an existing model component of this account and region, which this library created from a local `OnnxModel`. */
  public static fromModelComponentAttributes(scope: Construct, id: string, attrs: ModelComponentAttributes): IModelComponent {
    const component = GreengrassComponent.fromComponentVersion(scope, `${id}Version`, attrs.componentName, attrs.componentVersion);
    class Import extends ModelComponentBase {
      public readonly componentName = attrs.componentName;
      public readonly componentVersion = attrs.componentVersion;
      public readonly componentVersionArn = component.componentVersionArn;
      public readonly modelName = attrs.modelName;
      public readonly packagePath = unpackedPath(attrs.componentName, attrs.componentVersion, attrs.modelName);
      public readonly artifactBucket = attrs.artifactBucket;
    }
    return new Import(scope, id);
  }

  public readonly componentName: string;
  public readonly componentVersion: string;
  public readonly componentVersionArn: string;
  public readonly modelName: string;
  public readonly packagePath: string;
  public readonly artifactBucket?: s3.IBucket;

  public constructor(scope: Construct, id: string, props: ModelComponentProps) {
    super(scope, id);
    const { model } = props;
    if (model.runtime !== ModelRuntime.ONNX) {
      const compiled = model.runtime === ModelRuntime.FROM_MANIFEST ? ' (what a compilation gives on AWS is DLR)' : '';
      throw new ValidationError(this, `model must have the runtime ONNX, which is what the agent runs, got ${model.runtime}${compiled}: use an OnnxModel`);
    }
    const artifact = this.bindModel(model);
    this.componentName = componentNameOf(scope, id, props.componentName);
    this.modelName = model.modelName;
    const component = defineComponent(this, {
      ...props,
      componentName: this.componentName,
      versionBase: versionBaseOf(model.modelVersion),
      description: `Model ${model.modelName} ${model.modelVersion} for the edge agent of cdk-sagemaker-edge`,
      manifests: fileManifests(ComponentPlatform.any(), ComponentPlatform.nucleusLite(), [artifact]),
    });
    this.componentVersion = component.componentVersion;
    this.componentVersionArn = component.resource.attrArn;
    this.artifactBucket = component.artifactBucket;
    this.packagePath = artifact.unarchive
      ? unpackedPath(this.componentName, this.componentVersion, model.modelName)
      : `packages/artifacts/${this.componentName}/${this.componentVersion}/${artifact.fileName}`;
  }

  /** All users may read the files: nothing of this component runs, so they stay root's, and another component reads them. */
  private bindModel(model: IDeployableModel): BoundArtifact {
    const permission = { read: 'ALL', execute: 'NONE' };
    const files = model instanceof OnnxModel ? model._packagedFiles() : undefined;
    if (files) {
      return zipArtifact(this, 'Package', files, { fileName: `${model.modelName}.zip`, ...permission });
    }
    if (model instanceof BucketOnnxModel) {
      throw new ValidationError(this, 'model must be packaged at synth, since the version of a component comes from its content, got one that is packaged at deployment (OnnxModel.fromBucket): '
        + 'use an OnnxModel of a file, or import its package by OnnxModel.fromOnnxModelAttributes');
    }
    const { modelArtifactBucket: bucket, modelArtifactUri: uri, modelArtifactDigest: digest } = model;
    const prefix = bucket.s3UrlForObject('');
    if (digest === undefined || !uri.startsWith(prefix)) {
      throw new ValidationError(this, 'model must be an OnnxModel, or an import by OnnxModel.fromOnnxModelAttributes, whose digest and place are known at synth');
    }
    const key = uri.slice(prefix.length).replace(/^\//, '');
    return objectArtifact(bucket, key, digest, { fileName: `${model.modelName}.tar.gz`, unarchive: false, ...permission });
  }
}

function unpackedPath(componentName: string, componentVersion: string, modelName: string): string {
  return `packages/artifacts-unarchived/${componentName}/${componentVersion}/${modelName}`;
}
