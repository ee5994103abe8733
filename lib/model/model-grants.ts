import { Fn, Stack, Token, type aws_iam as iam } from 'aws-cdk-lib';
import { objectReadGrant } from '../private/object-read-grant';
import { ValidationError } from '../private/validation';
import type { IDeployableModel } from './deployable-model';

/** Grants access to the package of a model. */
export class ModelGrants {
  /** Return the grants of a model. */
  public static fromModel(model: IDeployableModel): ModelGrants {
    return new ModelGrants(model);
  }

  private constructor(private readonly model: IDeployableModel) {}

  /**
   * Grant read access to the package: its one object, and decryption with the key of the bucket, if CDK knows one.
   * @param grantee the principal that downloads the package, for example the role of a device
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
