import { Fn, Stack, Token, type aws_iam as iam } from 'aws-cdk-lib';
import { objectReadGrant } from '../private/object-read-grant';
import { ValidationError } from '../private/validation';
import type { IDeployableModel } from './deployable-model';

/** Grants on the package of a model. */
export class ModelGrants {
  /** Grants on the package of that model. */
  public static fromModel(model: IDeployableModel): ModelGrants {
    return new ModelGrants(model);
  }

  private constructor(private readonly model: IDeployableModel) {}

  /**
   * Lets the grantee download the package: this one object, and the key of its bucket, where the bucket knows one.
   * @param grantee who downloads it, for example the role of a device
   */
  public read(grantee: iam.IGrantable): iam.Grant {
    return objectReadGrant(grantee, this.model.modelArtifactBucket, this.objectArn());
  }

  /** By the bucket and the key, or, where the URI is known only at deployment, by what follows its 's3://'. */
  private objectArn(): string {
    const { modelArtifactUri: uri, modelArtifactBucket: bucket } = this.model;
    const start = `s3://${bucket.bucketName}/`;
    if (uri.startsWith(start)) {
      return bucket.arnForObjects(uri.slice(start.length));
    }
    if (!Token.isUnresolved(uri) && !Token.isUnresolved(bucket.bucketName)) {
      throw new ValidationError(this.model, `modelArtifactUri must begin with ${start}, the bucket of the model, got '${uri}'`);
    }
    return Stack.of(this.model).formatArn({ service: 's3', region: '', account: '', resource: Fn.select(1, Fn.split('s3://', uri)) });
  }
}
