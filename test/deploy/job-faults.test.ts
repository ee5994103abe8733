import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateCompilationJobCommand, CreateEdgePackagingJobCommand, DeleteCompilationJobCommand,
  type CreateCompilationJobCommandInput, type CreateEdgePackagingJobCommandInput,
} from '@aws-sdk/client-sagemaker';
import { TestCloud } from './harness';
import { describeCompilation, listJobs } from './model-states';
import { deliver, firstEvents } from './redelivery';
import { changed, deployedTemplate, StackLife, without, type DeployedTemplate } from './stack-life';

const APP = { app: 'test/deploy/fixtures/jobs-app.ts' };
const STACK = 'faults-00';

/** One stack's life, in order, with a service that misbehaves on request: the handlers' own bundle, with the rights of its own role. */
describe('a stack of jobs, while the service misbehaves', () => {
  let cloud: TestCloud;
  let life: StackLife;
  let template: DeployedTemplate;

  beforeAll(async () => {
    cloud = await TestCloud.start('job-faults', { delays: { startingMs: 300, runningMs: 300 } });
  });
  afterAll(async () => {
    await cloud.stop();
  });

  /** The calls of that name since a moment, by their outcome. */
  const calls = (operation: string, since = 0): (string | number)[] => {
    const answered = cloud.requests().slice(since).filter((entry) => entry.operation === operation);
    return answered.map(({ status, error }) => error ?? status);
  };
  const moment = (): number => cloud.requests().length;
  const tagged = (team: string) => changed(
    template,
    'Second',
    (properties) => isJob(properties) ? { ...properties, Tags: [{ Key: 'team', Value: team }] } : properties,
  );
  /** Another output place, which is another job: a folder below, where its role may write. */
  const movedTo = (folder: string, logicalId: string) => changed(template, logicalId, (properties) => isJob(properties)
    ? {
      ...properties,
      Output: { ...properties.Output, S3BaseUri: { 'Fn::Join': ['', [properties.Output.S3BaseUri, `/${folder}`]] } },
    } : properties);
  /** The newest job of that name that was asked for. */
  const newest = (operation: string, name: string): unknown => cloud.requests().findLast(
    (entry) => entry.operation === operation && (entry.status === 200 || entry.error === 'lostResponse') && JSON.stringify(entry.input).includes(`"${name}"`),
  )?.input;
  const startAgain = async (name: string): Promise<void> => {
    await cloud.cloud.clients.sageMaker.send(
      new CreateCompilationJobCommand(newest('CreateCompilationJob', name) as CreateCompilationJobCommandInput),
    );
  };

  test('is made in spite of a role that is not known yet, of responses that are lost, and of throttling for a minute: one job each', async () => {
    await cloud.fault({ operation: 'CreateCompilationJob', kind: 'freshRole', times: 2 });
    await cloud.fault({ operation: 'CreateCompilationJob', kind: 'lostResponse', times: 2 });
    await cloud.fault({ operation: 'CreateEdgePackagingJob', kind: 'throttle', forMs: 60_000 });
    await cloud.fault({ operation: 'CreateEdgePackagingJob', kind: 'lostResponse', times: 2 });
    await cloud.deploy(APP);
    template = deployedTemplate(cloud, STACK);
    life = new StackLife(cloud, STACK, STACK);

    const { compilations, packagings } = await listJobs(cloud);
    expect([Object.values(compilations), Object.values(packagings)]).toEqual([['COMPLETED', 'COMPLETED'], ['COMPLETED']]);
    expect(calls('CreateCompilationJob')).toEqual(expect.arrayContaining(['ValidationException', 'lostResponse']));
    expect(calls('CreateEdgePackagingJob')).toEqual(expect.arrayContaining(['ThrottlingException', 'lostResponse']));
  });

  test('starts nothing when Lambda delivers the first event again', async () => {
    const before = await listJobs(cloud);
    const events = await firstEvents(life, template, /^Custom::SageMakerEdge-\w+Job$/);
    expect(events.map(({ LogicalResourceId }) => LogicalResourceId.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['Compile', 'Package', 'Second']);
    for (const event of events) {
      const PhysicalResourceId = await life.physicalId(event.LogicalResourceId);
      expect(await deliver(cloud, event)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId, Data: { JobName: PhysicalResourceId } });
    }
    expect(await listJobs(cloud)).toEqual(before);
  });

  test('sets changed tags on the job that is there', async () => {
    const [id, since] = [await life.physicalId('Second'), moment()];
    expect(await life.update(template = tagged('two'))).toBe('UPDATE_COMPLETE');
    expect(await life.physicalId('Second')).toBe(id);
    expect(calls('CreateCompilationJob', since)).toEqual([]);
    expect(JSON.stringify((await cloud.standInState()).compilationJobs)).toContain('{"Key":"team","Value":"two"}');
  });

  test.each([
    ['FAILED', 'Second', /compilation job \S+ is FAILED: the model is no good.*\/aws\/sagemaker\/CompilationJobs/],
    ['STRANGE_STATE', 'Second', /compilation job \S+ is in the state 'PAUSED', which this library does not know/],
    ['STOPPED', 'Package', /edge packaging job \S+ is STOPPED/],
    ['PRESET_FAILED', 'Package', /edge packaging job \S+ is COMPLETED, but its preset deployment is FAILED: the model is no good/],
  ])('goes back from an update whose job gets %s (%s), says why, and keeps the old job alone', async (become, logicalId, message) => {
    const [id, before] = [await life.physicalId(logicalId), await listJobs(cloud)];
    await cloud.fault({ jobNameContains: STACK, become, reason: 'the model is no good' });

    expect(await life.update(movedTo(become, logicalId))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await life.reasons()).toMatch(message);
    expect(await life.physicalId(logicalId)).toBe(id);
    const { compilations, packagings } = await listJobs(cloud);
    expect(compilations).toEqual(before.compilations);
    // their records stay: no API deletes them
    expect(Object.values(packagings).filter((status) => /ING|PROGRESS|PAUSED/.test(status))).toEqual([]);
    expect(packagings).toMatchObject(before.packagings);
  });

  test('replaces a job whose inputs change, and deletes the record of the old one', async () => {
    const [id, { compilations: before }] = [await life.physicalId('Second'), await listJobs(cloud)];
    template = movedTo('other', 'Second');
    expect(await life.update(template)).toBe('UPDATE_COMPLETE');
    const now = await life.physicalId('Second');
    expect(now).not.toBe(id);
    expect((await listJobs(cloud)).compilations).toEqual({
      ...Object.fromEntries(Object.entries(before).filter(([name]) => name !== id)),
      [now]: 'COMPLETED',
    });
  });

  test('leaves a stranger\'s job of the same name alone, and takes the next name', async () => {
    const { sageMaker } = cloud.cloud.clients;
    const name = await life.physicalId('Second');
    await cloud.fault({ jobNameContains: name, become: 'NEVER_ENDING' });
    const request = newest('CreateCompilationJob', name) as CreateCompilationJobCommandInput;
    await sageMaker.send(new DeleteCompilationJobCommand({ CompilationJobName: name }));
    await sageMaker.send(new CreateCompilationJobCommand({
      ...request,
      OutputConfig: { ...request.OutputConfig, S3OutputLocation: 's3://somebody/else/' },
    }));

    expect(await life.update(template = tagged('three'))).toBe('UPDATE_COMPLETE');
    expect(Object.keys((await listJobs(cloud)).compilations)).toEqual(expect.arrayContaining([name, name.replace(/1$/, '2')]));
  });

  test('stops and deletes the running job of a resource that is taken out, and no other: not the stranger\'s either', async () => {
    const [first, stranger] = [await life.physicalId('Compile3'), await life.physicalId('Second')];
    const running = stranger.replace(/1$/, '2');
    await cloud.cloud.clients.sageMaker.send(new DeleteCompilationJobCommand({ CompilationJobName: running }));
    await cloud.fault({ jobNameContains: running, become: 'NEVER_ENDING' });
    await startAgain(running);

    const since = moment();
    expect(await life.update(without(template, 'Second'))).toBe('UPDATE_COMPLETE');
    expect(Object.keys((await listJobs(cloud)).compilations).sort()).toEqual([first, stranger].sort());
    expect(calls('StopCompilationJob', since)).toEqual([200]);
  });

  test('goes while its package would be made for ever, though somebody deleted the record of its compilation, and leaves nothing behind', async () => {
    const { sageMaker } = cloud.cloud.clients;
    const [compile, name] = [await life.physicalId('Compile3'), await life.physicalId('Package')];
    await cloud.resetStandIn();
    await startAgain(compile);
    while ((await describeCompilation(cloud, compile)).CompilationJobStatus !== 'COMPLETED') {
      await pause(100);
    }
    await cloud.fault({ jobNameContains: name, become: 'NEVER_ENDING' });
    await sageMaker.send(new CreateEdgePackagingJobCommand(newest('CreateEdgePackagingJob', name) as CreateEdgePackagingJobCommandInput));
    await sageMaker.send(new DeleteCompilationJobCommand({ CompilationJobName: compile }));

    expect(await life.delete()).toBe('DELETE_COMPLETE');
    expect((await listJobs(cloud)).packagings).toEqual({ [name]: 'STOPPED' });
    expect(await cloud.leftovers()).toEqual([]);
  });

  test('is rolled back when its last job fails, and leaves nothing behind', async () => {
    const half = new StackLife(cloud, 'faults-01', STACK);
    // compilations know no preset
    await cloud.fault({ jobNameContains: 'faults-01', become: 'PRESET_FAILED', reason: 'version 1.0.0 exists', times: 3 });

    expect(await half.create(template)).toBe('ROLLBACK_COMPLETE');
    expect(await half.reasons()).toMatch(/its preset deployment is FAILED: version 1\.0\.0 exists/);
    expect(calls('DeleteCompilationJob').length).toBeGreaterThanOrEqual(2);
    expect((await listJobs(cloud)).compilations).toEqual({});
    expect(await half.delete()).toBe('DELETE_COMPLETE');
    expect(await cloud.leftovers()).toEqual([]);
  });
});

interface JobProperties { readonly [name: string]: unknown; readonly Output: Readonly<Record<string, unknown>> }

function isJob(properties: Readonly<Record<string, unknown>>): properties is JobProperties {
  return 'NamePrefix' in properties && typeof properties.Output === 'object' && properties.Output !== null;
}
