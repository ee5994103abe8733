/** Custom resources of a load test, and what the handler gets. */
export type LoadTestImageType = 'Custom::SageMakerEdge-LoadTestImage';
export type LoadTestRunsType = 'Custom::SageMakerEdge-LoadTestRuns';

export interface LoadTestImageProperties {
  readonly ProjectName: string;
  readonly RepositoryName: string;
  /** The image's tag, and its only name: it is made of all that the image is made of. */
  readonly ImageTag: string;
}

export interface LoadTestImageData {
  readonly ImageTag: string;
}

export interface LoadTestRunsProperties {
  readonly StateMachineArn: string;
  readonly ClusterArn: string;
}
