import { sha256 } from '../../local/sagemaker/archive';
import { TestCloud } from './harness';
import { download } from './model-states';
import { CLASSIFIER, RECOGNISER } from '../ocr-models';


const deployment = (model: string) => ({ app: 'test/deploy/fixtures/two-stacks-app.ts', context: { model } });

describe('a model in one stack and its user in another', () => {
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await TestCloud.start('two-stacks');
  });
  afterAll(async () => {
    await cloud.stop();
  });

  test('the second follows a new model of the first, without an export between them', async () => {
    await cloud.deploy(deployment(CLASSIFIER));
    const { ModelPackage: first = '' } = await cloud.outputs('Devices');
    await cloud.deploy(deployment(RECOGNISER));
    const { ModelPackage: second = '' } = await cloud.outputs('Devices');

    expect(second).not.toBe(first);
    // the old one is still there, for whoever has not followed yet
    expect(sha256(await download(cloud, second))).not.toBe(sha256(await download(cloud, first)));
    expect(await cloud.outputs('Models')).toEqual({});
  });

  test('both go', async () => {
    await cloud.destroy(deployment(RECOGNISER));

    expect(await cloud.leftovers()).toEqual([]);
  });
});
