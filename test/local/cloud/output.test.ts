import * as fs from 'node:fs';
import * as net from 'node:net';
import { reasons } from '../../../local/cloud/cdk';
import { freePort, isFree } from '../../../local/cloud/ports';
import { FileRequestLog } from '../../../local/service/request-log';
import { launcherRuns, living, readState, removeState, StateFile } from '../../../local/cloud/state';
import { deploymentLine } from '../../../local/cloud/deployment-line';
import { temporaryFolder } from '../temporary-folder';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

describe('what the CDK CLI prints', () => {
  test('resources that a user knows are told', () => {
    expect(deploymentLine('EdgeSample | 78/80 | 10:21:30 AM | CREATE_COMPLETE         | Custom::SageMakerEdge-CompilationJob | Compile/Resource/Default (CompileA1) '))
      .toBe('  78/80  Compile/Resource/Default  (Custom::SageMakerEdge::CompilationJob)');
  });

  test('bridged resources have the name of their real type', () => {
    expect(deploymentLine('S | 1/2 | 10:21:30 AM | UPDATE_COMPLETE | Custom::AWS-IoT-RoleAlias | Fleet/RoleAlias (FleetA1) ')).toBe(
      '    1/2  Fleet/RoleAlias  (AWS::IoT::RoleAlias)',
    );
  });

  test.each([
    'S | 1/2 | 10:21:30 AM | CREATE_IN_PROGRESS | Custom::AWS-IoT-RoleAlias | Alias',
    'S | 1/2 | 10:21:30 AM | CREATE_COMPLETE | AWS::IAM::Role | Role',
    'Outputs:',
  ])('other lines are not: %s', (line) => {
    expect(deploymentLine(line)).toBeUndefined();
  });

  test('a failed resource is told with its reason', () => {
    expect(deploymentLine('S | 1/2 | 10:21:30 AM | CREATE_FAILED | AWS::IAM::Role | Role (R) "no"')).toBe('1/2 AWS::IAM::Role Role (R) "no"');
  });

  test('why a deployment failed are the failed resources and the CLI\'s own error', () => {
    const output = [
      'S | 1/2 | CREATE_COMPLETE | AWS::IAM::Role | R',
      'S | 1/2 | CREATE_FAILED | Custom::X | Compile "no model"',
      '❌  S failed: rolled back',
      'the end',
    ].join('\n');
    expect(reasons(output)).toEqual(['S | 1/2 | CREATE_FAILED | Custom::X | Compile "no model"', '❌  S failed: rolled back']);
  });

  test('where no line tells why, the last ones are shown', () => {
    expect(reasons('a\n\nb\n')).toEqual(['a', 'b']);
  });
});

test('the request log holds a line a call, in the documented order of members, without those that are absent', () => {
  const log = new FileRequestLog(folder.requests);
  log.append({ error: 'E', status: 400, input: { a: 1 }, operation: 'O', service: 'IoT', time: 't' });
  log.append({ status: 200, output: { id: 1 }, input: {}, operation: 'P', service: 'IoT', time: 't', caller: 'arn' });
  expect(fs.readFileSync(folder.requests, 'utf8')).toBe(
    '{"time":"t","service":"IoT","operation":"O","input":{"a":1},"status":400,"error":"E"}\n{"time":"t","service":"IoT","operation":"P","caller":"arn","input":{},"output":{"id":1},"status":200}\n',
  );
});

describe('the state of a cloud', () => {
  const process_ = { name: 'p', pid: process.pid, marker: 'node' };

  test('is read as it was written, and gone when it is removed', () => {
    const file = new StateFile(folder, { startedAt: 'now', processes: [] });
    file.update({ processes: [process_] });
    expect(readState(folder)).toEqual({ startedAt: 'now', processes: [process_] });
    removeState(folder);
    expect(readState(folder)).toBeUndefined();
  });

  test('is claimed by one launcher: a second one is told', () => {
    const claim = (): StateFile => StateFile.claim(folder, { startedAt: 'now', processes: [] });
    claim();
    expect(claim).toThrow(`another launcher has just begun to work on ${folder.root}`);
    expect(readState(folder)).toEqual({ startedAt: 'now', processes: [] });
    expect(fs.readdirSync(folder.root).filter((name) => name.startsWith('state'))).toEqual(['state.json']);
    removeState(folder);
  });

  test('a file that was cut off counts as none', () => {
    fs.writeFileSync(folder.state, '{"startedAt":');
    expect(readState(folder)).toBeUndefined();
  });

  test('only processes that run and are ours live', () => {
    const processes = [process_, { ...process_, marker: 'another program' }, { ...process_, pid: 2 ** 22 + 1 }];
    expect(living({ startedAt: 'now', processes })).toEqual([process_]);
  });

  test('this very process is no other launcher', () => {
    expect(launcherRuns({ launcher: process_, startedAt: 'now', processes: [] })).toBe(false);
  });
});

test('a free port is one that can be taken, and then is free no more', async () => {
  const port = await freePort();
  expect(await isFree(port)).toBe(true);
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  expect(await isFree(port)).toBe(false);
  server.close();
});
