import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataType } from '../../agent/generated/agent';
import { AgentProcess, filesBelow, scratchFolder } from './support/agent-process';
import { identityModel, slowModel, writePackage } from './support/models';
import { capture, floats, tensor } from './support/tensors';

jest.setTimeout(60_000); // processes of their own, on a busy machine

let folder: string;
beforeEach(() => {
  folder = scratchFolder();
});

describe('the socket', () => {
  it('is open to the owner and the group alone', async () => {
    const agent = await AgentProcess.start({ folder });
    expect(statSync(agent.socketPath).mode & 0o777).toBe(0o660);
    expect(await agent.stop()).toBe(0);
    expect(existsSync(agent.socketPath)).toBe(false);
  });

  it('of a dead agent is replaced', async () => {
    const first = await AgentProcess.start({ folder });
    await first.stop('SIGKILL');
    expect(existsSync(first.socketPath)).toBe(true);
    const second = await AgentProcess.start({ folder });
    expect((await second.calls.listModels()).models).toEqual([]);
    await second.stop();
  });

  it('of a living agent is left alone, and the second agent says so', async () => {
    const first = await AgentProcess.start({ folder });
    const second = AgentProcess.spawn({ folder, config: { sagemaker_edge_local_data_root_path: join(folder, 'other') } });
    expect(await second.ended).toBe(1);
    expect(second.logs('cannot start')).toMatchObject([{ reason: `-a: another process answers at ${first.socketPath}` }]);
    expect((await first.calls.listModels()).models).toEqual([]);
    await first.stop();
  });

  it('is not made in place of a file', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'agent.sock'), 'mine');
    const agent = AgentProcess.spawn({ folder });
    expect(await agent.ended).toBe(1);
    expect(agent.stderr).toContain('exists and is not a socket');
  });

  it('may not have a path of more than 107 bytes', async () => {
    const deep = join(folder, 'd'.repeat(107 - folder.length - '/'.length - '/agent.sock'.length));
    const deeper = `${deep}d`;
    mkdirSync(deep);
    mkdirSync(deeper);
    const fits = await AgentProcess.start({ folder: deep });
    expect(Buffer.byteLength(fits.socketPath)).toBe(107);
    expect((await fits.calls.listModels()).models).toEqual([]);
    await fits.stop();
    const agent = AgentProcess.spawn({ folder: deeper });
    expect(await agent.ended).toBe(1);
    expect(agent.stderr).toContain('may have 107 bytes');
  });
});

describe('the start', () => {
  it('fails with code 2 and every problem of the configuration', async () => {
    const agent = AgentProcess.spawn({ folder, config: { sagemaker_edge_core_region: 5, sagemaker_edge_core_folder_prefix: '/x' } });
    expect(await agent.ended).toBe(2);
    expect(agent.stderr).toContain('sagemaker_edge_core_region: wanted');
    expect(agent.stderr).toContain('sagemaker_edge_core_folder_prefix: wanted');
  });

  it('fails when another agent has the same capture spool', async () => {
    const other = scratchFolder();
    const first = await AgentProcess.start({ folder });
    const second = AgentProcess.spawn({ folder: other, config: { sagemaker_edge_local_data_root_path: join(folder, 'data') } });
    expect(await second.ended).toBe(1);
    expect(second.stderr).toContain('another agent uses this capture spool');
    await first.stop();
  });

  it('warns of unknown keys and of keys of AWS\'s agent without effect', async () => {
    const agent = await AgentProcess.start({ folder, config: { sagemaker_edge_bogus: 1, sagemaker_edge_provider_provider_path: '/lib/libprovider_aws.so' } });
    expect(agent.logs('sagemaker_edge_').map((entry) => entry.message)).toEqual([
      'sagemaker_edge_provider_provider_path has no effect in this agent', 'sagemaker_edge_bogus: unknown key',
    ]);
    await agent.stop();
  });

  it('loads the models of the configuration, and serves the others when one is bad', async () => {
    const path = writePackage(join(folder, 'identity'), identityModel('float32', [2]));
    const agent = await AgentProcess.start({ folder, config: { sagemaker_edge_models: [{ name: 'bad', path: '/nowhere' }, { name: 'good', path }] } });
    await agent.waitForLog('Model:good loaded!');
    expect((await agent.calls.listModels()).models.map((model) => model.name)).toEqual(['good']);
    expect(agent.logs('model bad of sagemaker_edge_models')).toMatchObject([{ level: 'error', reason: '/nowhere: no such folder' }]);
    await agent.stop();
  });
});

it('ONNX Runtime reports nothing to its makers: it leaves no identifier of the device', async () => {
  const home = join(folder, 'home');
  mkdirSync(home);
  // Without CI: the runtime is silent there anyway.
  const agent = await AgentProcess.start({ folder, environment: { HOME: home } });
  await agent.calls.loadModel('identity', writePackage(join(folder, 'identity'), identityModel('float32', [2])));
  await agent.calls.predict('identity', [floats('x', [2])]);
  await agent.stop();
  expect(filesBelow(home)).toEqual([]);
});

describe('the stop', () => {
  it('sends the captures that wait, and ends with code 0', async () => {
    const agent = await AgentProcess.start({ folder, config: { sagemaker_edge_core_capture_data_push_period_seconds: 3600 } });
    await agent.calls.captureData(capture('m'));
    expect(filesBelow(join(folder, 'disk'))).toEqual([]);
    expect(await agent.stop()).toBe(0);
    expect(filesBelow(join(folder, 'disk'))).toHaveLength(1);
    expect(filesBelow(join(folder, 'data/spool')).filter((file) => file.endsWith('.spool'))).toEqual([]);
  });

  it('lets a prediction under way end', async () => {
    const agent = await AgentProcess.start({ folder });
    await agent.calls.loadModel('slow', writePackage(join(folder, 'slow'), slowModel()));
    const prediction = agent.calls.predict('slow', [tensor('x', DataType.INT64, [2], BigInt64Array.of(2500n, 2500n))]);
    await agent.calls.listModels(); // goes the same way: when it is answered, the other has arrived
    agent.signal('SIGINT');
    expect((await prediction).tensors).toHaveLength(1);
    expect(await agent.ended).toBe(0);
  }, 30_000);
});
