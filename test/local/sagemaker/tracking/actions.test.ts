import { TRACKING_SERVER_ACTIONS } from '../../../../lib/experiments/private/tracking/rights';
import { trackingAction } from '../../../../local/sagemaker/tracking/actions';

const PREFIX = '/api/2.0/mlflow';

test.each([
  ['POST', '/experiments/create', 'CreateExperiment'],
  ['GET', '/experiments/get-by-name', 'GetExperimentByName'],
  ['GET', '/experiments/search', 'SearchExperiments'],
  ['POST', '/runs/delete', 'DeleteRun'],
  ['POST', '/runs/log-parameter', 'LogParam'],
  ['PATCH', '/logged-models/m-1', 'FinalizeLoggedModel'],
  ['GET', '/logged-models/m-1', 'GetLoggedModel'],
  ['POST', '/logged-models/search', 'SearchLoggedModels'],
  ['DELETE', '/logged-models/m-1/tags/a%20b', 'DeleteLoggedModelTag'],
  ['GET', '/registered-models/alias', 'GetModelVersionByAlias'],
  ['POST', '/registered-models/alias', 'SetRegisteredModelAlias'],
  ['DELETE', '/registered-models/alias', 'DeleteRegisteredModelAlias'],
])('%s %s asks for %s', (method, path, action) => {
  expect(trackingAction(method, PREFIX + path)).toBe(`sagemaker-mlflow:${action}`);
});

test.each([
  ['another method', 'GET', `${PREFIX}/runs/delete`],
  ['a path that goes on', 'POST', `${PREFIX}/runs/delete/more`],
  ['a path that begins before', 'POST', `/x${PREFIX}/runs/create`],
  ['the API of the user interface', 'POST', '/ajax-api/2.0/mlflow/runs/create'],
  ['a newer API', 'POST', '/api/3.0/mlflow/datasets/create'],
  ['a path with two slashes', 'POST', `${PREFIX}//runs/create`],
])('%s has no right', (_what, method, path) => {
  expect(trackingAction(method, path)).toBeUndefined();
});

test('each right that the library grants is asked for by a call', () => {
  const calls = [
    'POST experiments/create', 'POST model-versions/create', 'POST registered-models/create', 'POST runs/create', 'PATCH logged-models/m-1',
    'GET model-versions/get-download-uri', 'GET experiments/get', 'GET experiments/get-by-name', 'GET registered-models/get-latest-versions',
    'GET logged-models/m-1', 'GET metrics/get-history', 'GET model-versions/get', 'GET registered-models/alias', 'GET registered-models/get',
    'GET runs/get', 'GET artifacts/list', 'GET logged-models/m-1/artifacts/directories', 'POST runs/log-batch', 'POST runs/log-inputs',
    'POST logged-models/m-1/params', 'POST runs/log-metric', 'POST runs/log-model', 'POST runs/outputs', 'POST runs/log-parameter',
    'GET experiments/search', 'POST logged-models/search', 'GET model-versions/search', 'GET registered-models/search', 'POST runs/search',
    'POST experiments/set-experiment-tag', 'PATCH logged-models/m-1/tags', 'POST model-versions/set-tag', 'POST registered-models/alias',
    'POST registered-models/set-tag', 'POST runs/set-tag', 'POST experiments/update', 'PATCH model-versions/update',
    'PATCH registered-models/update', 'POST runs/update',
  ];
  const asked = calls.map((call) => call.split(' ')).map(([method = '', path = '']) => trackingAction(method, `${PREFIX}/${path}`));
  expect(asked.sort()).toEqual([...TRACKING_SERVER_ACTIONS].sort());
});
