import { Fn, Stack, type aws_iam as iam } from 'aws-cdk-lib';
import { objectReadGrant } from '../private/object-read-grant';
import type { ICompilationJob } from './compilation-job';

/** Grants on what a compilation job gives. */
export class CompilationJobGrants {
  /** Grants on what that job gives. */
  public static fromCompilationJob(compilationJob: ICompilationJob): CompilationJobGrants {
    return new CompilationJobGrants(compilationJob);
  }

  private constructor(private readonly compilationJob: ICompilationJob) {}

  /**
   * Lets the grantee read the compiled model, of this run and of later ones: everything under the job's output prefix, or,
   * of a job made elsewhere, its one object; and the key of the bucket, where the bucket knows one.
   * @param grantee who reads it, for example the role of a packaging job
   */
  public readArtifact(grantee: iam.IGrantable): iam.Grant {
    const { modelArtifactBucket: bucket, modelArtifactPrefix: prefix, outputKey } = this.compilationJob;
    // A policy that does not change with the artifact is one that IAM has long spread when the next artifact is read.
    const arn = prefix === undefined ? this.objectArn() : bucket.arnForObjects(`${prefix}/*`);
    return objectReadGrant(grantee, bucket, arn, { encryptionKey: outputKey });
  }

  /** By what follows the 's3://' of its URI, which may be known only at deployment. */
  private objectArn(): string {
    const resource = Fn.select(1, Fn.split('s3://', this.compilationJob.modelArtifactUri));
    return Stack.of(this.compilationJob).formatArn({ service: 's3', region: '', account: '', resource });
  }
}
