/** The calls of MLflow's REST API, as `<method> <path after /api/2.0/mlflow/>`; a part in braces is of the caller's choice. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  CreateExperiment: ['POST experiments/create'],
  DeleteExperiment: ['POST experiments/delete'],
  GetExperiment: ['GET experiments/get'],
  GetExperimentByName: ['GET experiments/get-by-name'],
  RestoreExperiment: ['POST experiments/restore'],
  SearchExperiments: ['GET experiments/search', 'POST experiments/search'],
  SetExperimentTag: ['POST experiments/set-experiment-tag'],
  UpdateExperiment: ['POST experiments/update'],
  CreateRun: ['POST runs/create'],
  DeleteRun: ['POST runs/delete'],
  DeleteTag: ['POST runs/delete-tag'],
  GetRun: ['GET runs/get'],
  LogBatch: ['POST runs/log-batch'],
  LogInputs: ['POST runs/log-inputs'],
  LogMetric: ['POST runs/log-metric'],
  LogModel: ['POST runs/log-model', 'POST logged-models'],
  LogOutputs: ['POST runs/outputs'],
  LogParam: ['POST runs/log-parameter'],
  RestoreRun: ['POST runs/restore'],
  SearchRuns: ['POST runs/search'],
  SetTag: ['POST runs/set-tag'],
  UpdateRun: ['POST runs/update'],
  ListArtifacts: ['GET artifacts/list'],
  GetMetricHistory: ['GET metrics/get-history'],
  DeleteLoggedModel: ['DELETE logged-models/{id}'],
  DeleteLoggedModelTag: ['DELETE logged-models/{id}/tags/{key}'],
  FinalizeLoggedModel: ['PATCH logged-models/{id}'],
  GetLoggedModel: ['GET logged-models/{id}'],
  ListLoggedModelArtifacts: ['GET logged-models/{id}/artifacts/directories'],
  LogLoggedModelParams: ['POST logged-models/{id}/params'],
  SearchLoggedModels: ['POST logged-models/search'],
  SetLoggedModelTags: ['PATCH logged-models/{id}/tags'],
  CreateModelVersion: ['POST model-versions/create'],
  DeleteModelVersion: ['DELETE model-versions/delete'],
  DeleteModelVersionTag: ['DELETE model-versions/delete-tag'],
  GetDownloadURIForModelVersionArtifacts: ['GET model-versions/get-download-uri'],
  GetModelVersion: ['GET model-versions/get'],
  SearchModelVersions: ['GET model-versions/search'],
  SetModelVersionTag: ['POST model-versions/set-tag'],
  TransitionModelVersionStage: ['POST model-versions/transition-stage'],
  UpdateModelVersion: ['PATCH model-versions/update'],
  CreateRegisteredModel: ['POST registered-models/create'],
  DeleteRegisteredModel: ['DELETE registered-models/delete'],
  DeleteRegisteredModelAlias: ['DELETE registered-models/alias'],
  DeleteRegisteredModelTag: ['DELETE registered-models/delete-tag'],
  GetLatestModelVersions: ['GET registered-models/get-latest-versions', 'POST registered-models/get-latest-versions'],
  GetModelVersionByAlias: ['GET registered-models/alias'],
  GetRegisteredModel: ['GET registered-models/get'],
  RenameRegisteredModel: ['POST registered-models/rename'],
  SearchRegisteredModels: ['GET registered-models/search'],
  SetRegisteredModelAlias: ['POST registered-models/alias'],
  SetRegisteredModelTag: ['POST registered-models/set-tag'],
  UpdateRegisteredModel: ['PATCH registered-models/update'],
};

const ROUTES = Object.entries(CALLS).flatMap(([action, calls]) => calls.map((call) => ({
  action, pattern: new RegExp(`^${call.replace(' ', ' /api/2\\.0/mlflow/').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
})));

/**
 * What a tracking server asks IAM for: one right for each call, see "Actions, resources, and condition keys for Amazon SageMaker with
 * MLflow". The reference has the names alone: they are those of MLflow's own API, and which call has which right is read from that. It has
 * none for making a logged model, which is taken here for a part of LogModel. Undefined for a call without a right, such as a newer one.
 */
export function trackingAction(method: string, path: string): string | undefined {
  const found = ROUTES.find(({ pattern }) => pattern.test(`${method} ${path}`));
  return found && `sagemaker-mlflow:${found.action}`;
}
