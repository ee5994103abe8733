import type { aws_ecr as ecr } from 'aws-cdk-lib';

/** A container image, and where SageMaker pulls it from. */
export interface BoundImage { readonly repository: ecr.IRepository; readonly uri: string }
