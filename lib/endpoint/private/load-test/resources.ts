/** The custom resource of a load test, and what the handler gets. */
export type LoadTestRunsType = 'Custom::SageMakerEdge-LoadTestRuns';

export interface LoadTestRunsProperties {
  readonly StateMachineArn: string;
  readonly ClusterArn: string;
}
