import { Fn, Stack, type aws_iam as iam } from 'aws-cdk-lib';
import { objectReadGrant } from '../private/object-read-grant';
import type { ICompilationJob } from './compilation-job';
import { acknowledgeGranted } from '../private/nag/acknowledge';

/** Grants access to the compiled model of a compilation job. */
export class CompilationJobGrants {
  /** Return the grants of a compilation job. */
  public static fromCompilationJob(compilationJob: ICompilationJob): CompilationJobGrants {
    return new CompilationJobGrants(compilationJob);
  }

  private constructor(private readonly compilationJob: ICompilationJob) {}

  /**
   * Grant read access to the compiled model.
   *
   * For a job of this app, the grant covers everything under the output prefix: the models of this run and of later runs.
   * For an imported job, it covers the one object. It includes decryption with the output key, or else with the key of
   * the bucket, if CDK knows one.
   * @param grantee the principal that reads the model, for example the role of a packaging job
   */
  public readArtifact(grantee: iam.IGrantable): iam.Grant {
    const { modelArtifactBucket: bucket, modelArtifactPrefix: prefix, outputKey } = this.compilationJob;
    // A policy that does not change with the artifact is one that IAM has long spread when the next artifact is read.
    const arn = prefix === undefined ? this.objectArn() : bucket.arnForObjects(`${prefix}/*`);
    acknowledgeGranted(grantee, 'the compiled models of one compilation job: each run writes to a folder of its own', ...prefix === undefined ? [] : [arn]);
    return objectReadGrant(grantee, bucket, arn, { encryptionKey: outputKey });
  }

  /** By what follows the 's3://' of its URI, which may be known only at deployment. */
  private objectArn(): string {
    const resource = Fn.select(1, Fn.split('s3://', this.compilationJob.modelArtifactUri));
    return Stack.of(this.compilationJob).formatArn({ service: 's3', region: '', account: '', resource });
  }
}
