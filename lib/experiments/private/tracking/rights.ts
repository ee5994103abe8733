/**
 * What MLflow's client calls to track experiments and to register models. Nothing of it deletes. From the service authorization
 * reference, "Actions, resources, and condition keys for Amazon SageMaker with MLflow".
 */
export const TRACKING_SERVER_ACTIONS: readonly string[] = [
  'CreateExperiment', 'CreateModelVersion', 'CreateRegisteredModel', 'CreateRun', 'FinalizeLoggedModel',
  'GetDownloadURIForModelVersionArtifacts', 'GetExperiment', 'GetExperimentByName', 'GetLatestModelVersions', 'GetLoggedModel',
  'GetMetricHistory', 'GetModelVersion', 'GetModelVersionByAlias', 'GetRegisteredModel', 'GetRun', 'ListArtifacts',
  'ListLoggedModelArtifacts', 'LogBatch', 'LogInputs', 'LogLoggedModelParams', 'LogMetric', 'LogModel', 'LogOutputs', 'LogParam',
  'SearchExperiments', 'SearchLoggedModels', 'SearchModelVersions', 'SearchRegisteredModels', 'SearchRuns', 'SetExperimentTag',
  'SetLoggedModelTags', 'SetModelVersionTag', 'SetRegisteredModelAlias', 'SetRegisteredModelTag', 'SetTag', 'UpdateExperiment',
  'UpdateModelVersion', 'UpdateRegisteredModel', 'UpdateRun',
].map((action) => `sagemaker-mlflow:${action}`);

/** An MLflow app has one right for all of MLflow's API: "Set up IAM permissions for MLflow Apps" of SageMaker's developer guide. */
export const MLFLOW_APP_ACTIONS: readonly string[] = ['sagemaker:CallMlflowAppApi'];

/** What the service needs to copy models from MLflow to SageMaker's model registry: the same page. Lineage is not among it. */
export const REGISTRATION_ACTIONS: Readonly<Record<'group' | 'package', readonly string[]>> = {
  group: ['sagemaker:AddTags', 'sagemaker:CreateModelPackageGroup', 'sagemaker:DescribeModelPackageGroup'],
  package: ['sagemaker:AddTags', 'sagemaker:CreateModelPackage', 'sagemaker:UpdateModelPackage'],
};
