import { GreengrassCloud } from './model/greengrass-cloud';
import { templateOf } from './model/templates';

jest.setTimeout(60_000); // templates are synthesized
beforeAll(() => {
  jest.spyOn(console, 'log').mockImplementation();
});
afterAll(() => {
  jest.restoreAllMocks();
});

/** A fleet with a deployment, whose update takes its time with the deployment alone. */
async function deployed(): Promise<GreengrassCloud> {
  const world = GreengrassCloud.make();
  await world.cloud.stack.deploy(templateOf({ first: 'north', app: 'a', deploys: 'plainly' }));
  world.cloud.duration = (logicalId) => (/^Deployment[0-9A-F]+$/.test(logicalId) ? 30_000 : 0);
  world.greengrass.endsTake = 60_000;
  return world;
}

test.each([
  ['is being made', { otherFailsAfter: 15_000 }], ['was made, and followed', { otherFailsAfter: 32_000 }],
  ['was made, and is followed too late', { otherFailsAfter: 35_000, late: 4_000, rollbackLate: 300 }],
])('a target has its deployment again when another resource fails while the next one %s', async (_, mishaps) => {
  const world = await deployed();
  expect(await world.cloud.stack.deploy(templateOf({ first: 'north', app: 'b', deploys: 'and waits' }), mishaps)).toBe(false);
  expect(world.faults()).toEqual([]);
  const latest = world.greengrass.latest('arn:aws:iot:eu-west-1:111122223333:thinggroup/north');
  expect([
    latest?.id,
    latest?.status,
    latest?.input.tags?.['cdk-sagemaker-edge:revision'],
  ]).toEqual(['deployment-4', 'ACTIVE', expect.any(String)]);
});

test('a device that a cancelled create puts into a fleet late, after its Delete, is not in it in the end', async () => {
  const world = GreengrassCloud.make();
  await world.cloud.stack.deploy(templateOf({ first: 'north', second: true, visitor: 'first', app: 'a', deploys: 'plainly' }));
  const next = templateOf({ first: 'north', second: true, visitor: 'second', app: 'a', deploys: 'plainly' });
  expect(await world.cloud.stack.deploy(next, { otherFailsAfter: 1_000, late: 10_000 })).toBe(false);
  expect(world.faults()).toEqual([]);
});

test('an artifact that a cancelled create copies late, after its Delete, is not there in the end', async () => {
  const world = GreengrassCloud.make();
  const template = templateOf({ second: true, visitor: 'second', shared: 'a' });
  expect(await world.cloud.stack.deploy(template, { otherFailsAfter: 1_000, late: 10_000 })).toBe(false);
  expect(world.faults()).toEqual([]);
});

test('a version that another stack has is neither marked as left nor replaced, however often this one is deployed', async () => {
  const world = GreengrassCloud.make();
  const template = templateOf({ second: true, app: 'a' });
  const artifacts = Object.values(template).find(({ type }) => type === 'Custom::SageMakerEdge-ComponentArtifacts');
  const { ComponentName, ComponentVersion } = artifacts?.properties ?? {};
  const recipe = JSON.stringify({ ComponentName, ComponentVersion });
  const tags = { 'cdk-sagemaker-edge:owner': 'other/stack' };
  const arn = world.greengrass.createComponent(recipe, tags);
  for (const attempt of [1, 2]) {
    expect([attempt, await world.cloud.stack.deploy(template)]).toEqual([attempt, false]);
  }
  expect(world.greengrass.component(arn)).toEqual({ recipe, tags, failed: false, goneAt: Infinity });
});
