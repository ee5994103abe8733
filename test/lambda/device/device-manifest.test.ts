import { createHash } from 'node:crypto';
import { RESOURCES } from '../../../lambda/device/resources';
import { handle } from '../../../lambda/shared/handle';
import { functionsOf } from '../functions';
import { FakeObjects, manifestText, newEvent } from './device-events';
import { WAITS } from '../functions';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const MANIFEST_KEY = 'manifests/camera/manifest.json';
const REPORT_KEY = 'reports/camera/report.json';

/** Runs both phases of the handler: isComplete gets what onEvent returned. */
class Stack {
  public now = 1_000_000;
  private readonly functions = functionsOf((event) => handle(RESOURCES, { objects: this.objects, now: () => this.now }, event));

  public constructor(public readonly objects: FakeObjects) {}

  public async start(type: 'Create' | 'Update' | 'Delete', manifest = manifestText(), old?: string, changes: object = {}) {
    const event = { ...newEvent(type, manifest, old), ...changes };
    const response = await this.functions.onEvent(event);
    return { response, poll: () => this.functions.isComplete({ ...event, ...response }) };
  }

  public report(manifest: string, status: string, message = '', instanceId = 'i-1'): void {
    this.objects.write(REPORT_KEY, JSON.stringify({ manifestHash: hashOf(manifest), instanceId, status, message, models: [] }));
  }
}

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new FakeObjects());
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('Create writes the manifest as it came, and names it by its hash', async () => {
  const manifest = manifestText();
  const { response } = await stack.start('Create', manifest);
  expect(stack.objects.text(MANIFEST_KEY)).toBe(manifest);
  expect(response.PhysicalResourceId).toBe('devices/camera');
  expect(response.Data).toEqual({ ManifestHash: hashOf(manifest) });
});

test('Create waits until the device reports READY on exactly this manifest', async () => {
  const { poll } = await stack.start('Create');
  expect(await poll()).toEqual(WAITS);
  stack.report(manifestText('another'), 'READY');
  expect(await poll()).toEqual(WAITS);
  stack.report(manifestText(), 'APPLYING', 'downloading the agent');
  expect(await poll()).toEqual(WAITS);
  stack.report(manifestText(), 'READY');
  expect(await poll()).toEqual({ IsComplete: true });
});

test('a report of the instance that is about to be replaced does not count', async () => {
  const { poll } = await stack.start('Update');
  stack.report(manifestText(), 'READY', '', 'i-0');
  expect(await poll()).toEqual(WAITS);
});

test('a device that cannot load a model fails the stack with its own words', async () => {
  const { poll } = await stack.start('Create');
  stack.report(manifestText(), 'FAILED', 'model reader 2.0 was not loaded: it is for DLR');
  await expect(poll()).rejects.toThrow('device camera failed: model reader 2.0 was not loaded: it is for DLR');
});

test('a machine whose setup fails fails the stack, though it never read the manifest', async () => {
  const { poll } = await stack.start('Create');
  stack.objects.write(REPORT_KEY, JSON.stringify({
    instanceId: 'i-1',
    status: 'FAILED',
    message: 'dnf could not install nodejs24',
    models: [],
  }));
  await expect(poll()).rejects.toThrow('dnf could not install nodejs24');
});

test('a device that stays silent fails the stack by its own deadline, saying where to look', async () => {
  const { poll } = await stack.start('Create');
  stack.now += 599_000;
  expect(await poll()).toEqual(WAITS);
  stack.now += 1_000;
  await expect(poll())
    .rejects.toThrow('device camera was not ready after 600 s: it reported nothing on this manifest; is instance i-1 running');
});

test('a device that is too slow fails the stack with what it last said', async () => {
  const { poll } = await stack.start('Create');
  stack.report(manifestText(), 'APPLYING', 'downloading model reader');
  stack.now += 600_000;
  await expect(poll()).rejects.toThrow('it last said: downloading model reader');
});

test('a rollback writes the old manifest again and completes on the device\'s report of it', async () => {
  const [old, bad] = [manifestText('old'), manifestText('bad')];
  stack.objects.write(MANIFEST_KEY, bad);
  stack.report(bad, 'FAILED', 'no');
  const { poll, response } = await stack.start('Update', old, bad);
  expect(response.PhysicalResourceId).toBe('devices/camera');
  expect(stack.objects.text(MANIFEST_KEY)).toBe(old);
  expect(await poll()).toEqual(WAITS);
  stack.report(old, 'READY');
  expect(await poll()).toEqual({ IsComplete: true });
});

test('a FAILED report of an earlier attempt at the same manifest is not taken for this one', async () => {
  stack.report(manifestText(), 'FAILED', 'network down');
  const { poll } = await stack.start('Update');
  expect(await poll()).toEqual(WAITS);
  stack.report(manifestText(), 'READY');
  expect(await poll()).toEqual({ IsComplete: true });
});

test('a setup that failed before the manifest was written is not forgotten: a machine says it once', async () => {
  stack.objects.write(REPORT_KEY, JSON.stringify({
    instanceId: 'i-1',
    status: 'FAILED',
    message: 'the setup of the machine failed: 403',
    models: [],
  }));
  const { poll } = await stack.start('Create');
  await expect(poll()).rejects.toThrow('device camera failed: the setup of the machine failed: 403');
});

test('an Update that changes nothing completes at once where the device is ready', async () => {
  stack.report(manifestText(), 'READY');
  const { poll } = await stack.start('Update');
  expect(await poll()).toEqual({ IsComplete: true });
});

test('a report that is no report counts as none', async () => {
  const { poll } = await stack.start('Create');
  for (const text of ['', '{', '[]', '{"status":"READY"}', '{"instanceId":"i-1","status":"DONE","message":""}']) {
    stack.objects.write(REPORT_KEY, text);
    expect(await poll()).toEqual(WAITS);
  }
});

test('a failed write is told by isComplete, so that a Delete still reaches the handler', async () => {
  stack.objects.fail('putObject', 'AccessDenied');
  const { poll } = await stack.start('Create');
  await expect(poll()).rejects.toThrow('the manifest of device camera was not written: AccessDenied');
});

test('a report that cannot be read is an error, not a missing report', async () => {
  const { poll } = await stack.start('Create');
  stack.objects.fail('getText', 'AccessDenied');
  await expect(poll()).rejects.toThrow('AccessDenied');
});

test('a throttled read is tried again at the next poll, until the deadline', async () => {
  const { poll } = await stack.start('Create');
  stack.objects.fail('getText', 'SlowDown');
  expect(await poll()).toEqual(WAITS);
  stack.now += 600_000;
  await expect(poll()).rejects.toThrow('SlowDown');
});

test('Delete removes manifest and report and does not wait for the device', async () => {
  stack.objects.write(MANIFEST_KEY, '{}');
  stack.objects.write(REPORT_KEY, '{}');
  const { poll } = await stack.start('Delete');
  expect(stack.objects.keys()).toEqual([]);
  expect(await poll()).toEqual({ IsComplete: true });
});

test('Delete succeeds where the bucket is gone', async () => {
  stack.objects.fail('deleteObject', 'NoSuchBucket');
  const { response } = await stack.start('Delete');
  expect(response.PhysicalResourceId).toBe('devices/camera');
});

test('Delete does not swallow any other error', async () => {
  stack.objects.fail('deleteObject', 'AccessDenied');
  await expect(stack.start('Delete')).rejects.toThrow('AccessDenied');
});

describe('what CloudFormation has cancelled and comes late', () => {
  const [old, late] = [manifestText('old'), manifestText('late')];

  test('a create is taken back by a Delete under an invented id', async () => {
    const { response, poll } = await stack.start('Delete', manifestText(), undefined, { PhysicalResourceId: 'Demo-Manifest-1A2B' });
    expect(response.PhysicalResourceId).toBe('Demo-Manifest-1A2B');
    await stack.start('Create');
    expect(await poll()).toEqual(WAITS);
    expect(stack.objects.keys()).toEqual([]);
    stack.now += 90_000; // the function's timeout and a little more
    expect(await poll()).toEqual({ IsComplete: true });
  });

  test('an update of which the device says nothing yet is kept from replacing the manifest that a rollback wrote', async () => {
    stack.report(old, 'READY');
    const { poll } = await stack.start('Update', old, late);
    stack.objects.write(MANIFEST_KEY, late);
    expect(await poll()).toEqual(WAITS);
    expect(stack.objects.text(MANIFEST_KEY)).toBe(old);
    stack.now += 90_000;
    expect(await poll()).toEqual({ IsComplete: true });
  });

  test('an update that was at work is not waited for', async () => {
    stack.report(late, 'APPLYING');
    const { poll } = await stack.start('Update', old, late);
    stack.report(old, 'READY');
    expect(await poll()).toEqual({ IsComplete: true });
  });

  test('an update to another device leaves no manifest of that one: no Delete comes for it', async () => {
    const other = {
      ManifestKey: 'manifests/gate/manifest.json',
      ReportKey: 'reports/gate/report.json',
      Manifest: late.replace('camera', 'gate'),
    };
    const { OldResourceProperties } = newEvent('Update', old, late);
    stack.objects.write(other.ManifestKey, other.Manifest);
    const { poll } = await stack.start('Update', old, late, { OldResourceProperties: { ...OldResourceProperties, ...other } });
    expect(stack.objects.keys()).toEqual([MANIFEST_KEY]);
    stack.objects.write(other.ManifestKey, other.Manifest);
    expect(await poll()).toEqual(WAITS);
    expect(stack.objects.keys()).toEqual([MANIFEST_KEY]);
  });

  test('an update to another device leaves the manifest of the one before to its Delete', async () => {
    const before = {
      ManifestKey: 'manifests/gate/manifest.json',
      ReportKey: 'reports/gate/report.json',
      Manifest: late.replace('camera', 'gate'),
    };
    const { OldResourceProperties } = newEvent('Update', old, late);
    stack.objects.write(before.ManifestKey, before.Manifest);
    await stack.start('Update', old, late, {
      OldResourceProperties: { ...OldResourceProperties, ...before },
      PhysicalResourceId: 'devices/gate',
    });
    expect(stack.objects.keys()).toEqual([before.ManifestKey, MANIFEST_KEY]);
  });
});

describe('an event', () => {
  const refused = (event: unknown) => expect(handle(RESOURCES, { objects: stack.objects, now: () => stack.now }, event)).rejects;
  const property = (name: string, value: unknown): unknown => {
    const event = newEvent('Create', manifestText());
    return { ...event, ResourceProperties: { ...event.ResourceProperties, [name]: value } };
  };

  test.each(['BucketName', 'ManifestKey', 'ReportKey', 'Manifest'])('without %s is refused', async (name) => {
    await refused(property(name, undefined)).toThrow(`${name} must be text`);
  });

  test.each(['0', '-1', '1.5', 'soon', undefined])('with a timeout of %s is refused', async (value) => {
    await refused(property('TimeoutSeconds', value)).toThrow('TimeoutSeconds must be a whole number of at least 1');
  });

  test('whose manifest names no instance is refused', async () => {
    await refused(property('Manifest', '{"thingName":"camera"}')).toThrow('Manifest.instanceId must be text');
  });

  test('of an unknown request type is refused', async () => {
    await refused({ ...newEvent('Create', manifestText()), RequestType: 'Import' }).toThrow('got "Import"');
  });

  test('that is no object is refused', async () => {
    await refused([]).toThrow('the event must be an object');
  });
});
