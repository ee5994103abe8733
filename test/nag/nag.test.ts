import { existsSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildSampleApp } from '../../bin/sample-app';
import { DELIVERIES } from '../../bin/sample-config';
import { app as compileOnly } from '../../examples/compile-only/app';
import { app as darknetYolo } from '../../examples/darknet-yolo/app';
import { app as detector } from '../../examples/detector/app';
import { app as imageClassifier } from '../../examples/image-classifier/app';
import { app as importing } from '../../examples/import/app';
import { app as onnxFleet } from '../../examples/onnx-fleet/app';
import { app as scikitLearn } from '../../examples/scikit-learn/app';
import { app as twoStacks } from '../../examples/two-stacks/app';
import { bucketModelApp } from '../lib/model/bucket-model-app';
import { ACKNOWLEDGED, type Acknowledged } from './findings';

interface Finding { readonly rule: string; readonly path: string }

const sample = (delivery: string): App => {
  const app = new App({ context: { delivery, deviceCount: '1' } });
  buildSampleApp(app);
  return app;
};

const APPS: [string, () => App][] = [
  ...DELIVERIES.map((delivery): [string, () => App] => [`the sample, delivery=${delivery}`, () => sample(delivery)]),
  ['compile-only', () => compileOnly], ['darknet-yolo', () => darknetYolo], ['import', () => importing],
  ['a model from a bucket', bucketModelApp],
  ['onnx-fleet', () => onnxFleet], ['two-stacks', () => twoStacks],
  ['detector', () => detector], ['image-classifier', () => imageClassifier], ['scikit-learn', () => scikitLearn],
];

function findings(app: App): Finding[] {
  return new AwsSolutionsChecks().validateScope(app).violations.flatMap(({ ruleName, violatingResources = [] }) =>
    violatingResources.map(({ constructPath = '' }) => ({ rule: ruleName, path: constructPath })));
}

const acknowledges = ({ rule, path }: Finding) => (entry: Acknowledged): boolean => entry.rule.test(rule) && entry.path.test(path);

describe('cdk-nag AwsSolutions', () => {
  const all = new Map(APPS.map(([name, make]) => [name, findings(make())]));

  test.each(APPS.map(([name]) => name))('finds nothing in %s but what is acknowledged with a reason', (name) => {
    expect(all.get(name)?.filter((finding) => !ACKNOWLEDGED.some(acknowledges(finding)))).toEqual([]);
  });

  test('is asked about every example', () => {
    const folder = path.join(__dirname, '..', '..', 'examples');
    const examples = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'app.ts')));
    expect(APPS.map(([name]) => name)).toEqual(expect.arrayContaining(examples));
  });

  test('has no acknowledgement that nothing needs', () => {
    const found = [...all.values()].flat();
    const unmet = ACKNOWLEDGED.filter((entry) => !found.some((finding) => acknowledges(finding)(entry)));
    expect(unmet.map(({ rule, path }) => `${rule.source} at ${path.source}`)).toEqual([]);
  });
});
