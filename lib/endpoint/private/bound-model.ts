import type { aws_iam as iam, aws_sagemaker as sagemaker } from 'aws-cdk-lib';

/** What `EndpointModel` gives when it is bound to a construct. */
export interface BoundModel {
  readonly container: sagemaker.CfnModel.ContainerDefinitionProperty;
  /** Of the object in S3. SageMaker's API has no field for it: another version is another model of the same place. */
  readonly version?: string;
  /** What the execution role needs: the image, and the archive. */
  readonly grant: (role: iam.IRole) => iam.Grant[];
}
