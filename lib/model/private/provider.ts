import { Duration, RemovalPolicy, Size, type aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerProvider } from '../../private/handler-provider';
import { inStack } from '../../private/in-stack';
import { acknowledge } from '../../private/nag/acknowledge';
import { ownBucket } from '../../private/own-bucket';
import { DISK_MIB } from './size-limits';

/** The one provider of a stack that packages models, and the bucket of the packages, if a model has none of its own. */
export class ModelProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): ModelProvider {
    return inStack(scope, 'cdk-sagemaker-edge.ModelProvider', (stack, uid) => new ModelProvider(stack, uid));
  }

  /** CloudFormation's own longest. */
  public readonly serviceTimeout = Duration.hours(1);
  private packages: s3.Bucket | undefined;

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'model',
      purpose: 'models in S3',
      description: 'packages models that lie in S3',
      memorySize: 1769, // one whole processor
      ephemeralStorageSize: Size.mebibytes(DISK_MIB),
      adviceOnLimit: 'each model in S3 adds to it: put some of them into another stack, whose handler has a role of its own',
    });
  }

  /** It holds nothing that a deployment does not make anew, so it goes with the stack. */
  public get bucket(): s3.Bucket {
    this.packages ??= ownBucket(this, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY }, 'give the models a packageBucket of your own');
    return this.packages;
  }

  /** Says why the role may use a key of a user's with actions that end in a wildcard. */
  public explainKeyActions(): void {
    for (const action of ['kms:ReEncrypt*', 'kms:GenerateDataKey*']) {
      acknowledge(this.role, `AwsSolutions-IAM5[Action::${action}]`, 'what aws-cdk-lib grants for reading and writing with one KMS key');
    }
  }

  /** Whom to grant what another account's bucket or key must allow too. */
  public get grantee(): iam.IGrantable {
    return this.role;
  }
}
