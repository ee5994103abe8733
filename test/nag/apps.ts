import { App } from 'aws-cdk-lib';
import { buildSampleApp } from '../../bin/sample-app';
import { DELIVERIES } from '../../bin/sample-config';
import { app as compileOnly } from '../../examples/compile-only/app';
import { app as darknetYolo } from '../../examples/darknet-yolo/app';
import { app as detector } from '../../examples/detector/app';
import { addExperiments, app as dvcExperiments } from '../../examples/dvc-experiments/app';
import { app as imageClassifier } from '../../examples/image-classifier/app';
import { app as importing } from '../../examples/import/app';
import { app as labels } from '../../examples/labels/app';
import { app as loadTest } from '../../examples/load-test/app';
import { app as onnxFleet } from '../../examples/onnx-fleet/app';
import { app as scikitLearn } from '../../examples/scikit-learn/app';
import { app as twoStacks } from '../../examples/two-stacks/app';
import { bucketModelApp } from '../lib/model/bucket-model-app';
import { consumerApp } from './consumer-app';
import { experimentApp } from './experiment-app';
import { healthApp } from './health-app';
import { loadTestApp } from './load-test-app';
import { studioApp } from './studio-app';

const sample = (delivery: string): App => {
  const app = new App({ context: { delivery, deviceCount: '1' } });
  buildSampleApp(app);
  return app;
};

const withWinner = (): App => {
  const app = new App({ context: { winner: 'v1' } });
  addExperiments(app);
  return app;
};

/** The apps that cdk-nag looks at. */
export const APPS: [string, () => App][] = [
  ...DELIVERIES.map((delivery): [string, () => App] => [`the sample, delivery=${delivery}`, () => sample(delivery)]),
  ['compile-only', () => compileOnly], ['darknet-yolo', () => darknetYolo], ['dvc-experiments', () => dvcExperiments],
  ['dvc-experiments with a winner', withWinner],
  ['import', () => importing],
  ['a model from a bucket', bucketModelApp],
  ['onnx-fleet', () => onnxFleet], ['two-stacks', () => twoStacks],
  ['detector', () => detector], ['image-classifier', () => imageClassifier], ['scikit-learn', () => scikitLearn], ['load-test', () => loadTest],
  ['an app with what is a user\'s own', consumerApp], ['load tests', loadTestApp],
  ['labels', () => labels],
  ['experiments', experimentApp],
  ['a studio', studioApp],
  ['the health of a fleet', healthApp],
];
