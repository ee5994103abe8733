import type { aws_iam as iam } from 'aws-cdk-lib';

/** What a construct knows of its git repository. */
export interface BoundRepository {
  /** Of what clones it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it is in CodeCommit. */
  readonly codeCommit?: { readonly name: string; readonly arn: string };
  /** Undefined where everybody can clone it. */
  readonly grantPull: (grantee: iam.IGrantable) => iam.Grant | undefined;
  /** Undefined where nobody can push. */
  readonly grantPush?: (grantee: iam.IGrantable) => iam.Grant;
}
