import { exportLabels } from '../../../../lambda/health/labels/export';
import { manualRun, scheduledRun } from '../../../../lambda/health/labels/ledger';
import { DAY, FakeCloud, HOUR, NOON, SETTINGS, awsError, floats, idOf, picture, reason, type Captured, type Part } from './fixture';

let cloud: FakeCloud;
beforeEach(() => {
  cloud = new FakeCloud();
  jest.spyOn(console, 'log').mockImplementation(() => undefined); // the handler's log
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** One capture in a file of its own, an hour ago. */
function capture(number: number, parts: readonly Part[] = [picture(number), reason()], device = 'camera-1', time = cloud.now - HOUR): string {
  return cloud.upload(device, [{ id: idOf(number), time, parts }]);
}

function throttleEvents(): void {
  cloud.before = (call) => {
    if (call === 'putEvents') {
      throw awsError('ThrottlingException', 400);
    }
  };
}

describe('a run', () => {
  test('writes a manifest in Ground Truth\'s form, with what is known of the prediction', async () => {
    capture(1, [picture(), floats('outputs', 'scores', '1, 4', [0.1, 0.41, 0.3, 0.19]), reason()]);
    await cloud.run();
    expect(cloud.manifest(cloud.events[0])).toEqual([{
      'source-ref': `s3://out/labels/fleet/reader/images/2026/11/27/camera-1/${idOf(1)}-0.png`,
      metadata: {
        captureId: idOf(1), device: 'camera-1', fleet: 'fleet', model: 'reader', version: '1.0', time: '2026-11-27T11:00:00Z',
        reason: 'unsure', confidence: 0.41, input: 'x',
        prediction: [{
          name: 'scores', contentType: 'Tensor[FLOAT32; 1, 4]', values: [0.1, 0.41, 0.3, 0.19],
          top: [{ class: 1, score: 0.41 }, { class: 2, score: 0.3 }, { class: 3, score: 0.19 }],
        }],
      },
    }]);
  });

  test('puts manifests into a folder by day, and says so in an event', async () => {
    capture(1);
    await cloud.run();
    expect(cloud.events).toEqual([{
      fleetName: 'fleet', modelName: 'reader', manifest: 's3://out/labels/fleet/reader/manifests/2026/11/27/120000Z/manifest.jsonl',
      count: 1, captures: 1, skipped: [],
    }]);
  });

  test('leaves out what a client has captured', async () => {
    capture(1, [picture()]);
    await cloud.run();
    expect(cloud.events).toEqual([]);
  });

  test('exports nothing twice', async () => {
    capture(1);
    await cloud.run();
    cloud.now += 60_000; // within the margin of the clocks: the file is read again
    await cloud.run();
    expect(cloud.events).toHaveLength(1);
  });

  test('by hand is not taken for the repetition of another one by hand in the same second', async () => {
    capture(1);
    await cloud.run({}, manualRun(cloud.now, 'first'));
    capture(2);
    expect(await cloud.run({}, manualRun(cloud.now, 'second'))).toEqual([{ model: 'reader', captures: 1, isComplete: true }]);
    expect(cloud.told()).toEqual([`camera-1/${idOf(1)}`, `camera-1/${idOf(2)}`]);
  });

  test('by hand does nothing while another one by hand of the same second goes on', async () => {
    capture(1);
    throttleEvents();
    await expect(cloud.run({}, manualRun(cloud.now, 'first'))).rejects.toThrow('ThrottlingException');
    cloud.before = () => undefined;
    expect(await cloud.run({}, manualRun(cloud.now, 'second'))).toEqual([]);
  });

  test('exports what has come since', async () => {
    capture(1);
    await cloud.run();
    cloud.now += DAY;
    capture(2);
    await cloud.run();
    expect(cloud.told()).toEqual([`camera-1/${idOf(1)}`, `camera-1/${idOf(2)}`]);
  });

  test('exports a capture that comes days after it was made', async () => {
    capture(1);
    await cloud.run();
    cloud.now += DAY;
    capture(2, undefined, 'camera-1', cloud.now - 6 * DAY);
    await cloud.run();
    expect(cloud.told()).toContain(`camera-1/${idOf(2)}`);
  });

  test('does not read again what an earlier run has seen', async () => {
    capture(1, [picture()]);
    cloud.now += HOUR;
    await cloud.run();
    cloud.now += DAY;
    const read: string[] = [];
    cloud.before = (call, key) => {
      read.push(...call === 'getStream' ? [key] : []);
    };
    await cloud.run();
    expect(read).toEqual([]);
  });

  test('exports what a file got when its batch was sent again', async () => {
    const record = (number: number): Captured => ({ id: idOf(number), time: NOON - HOUR, parts: [picture(), reason()] });
    cloud.upload('camera-1', [record(1)]);
    await cloud.run();
    cloud.now += DAY;
    cloud.upload('camera-1', [record(1), record(2)]);
    await cloud.run();
    expect(cloud.told()).toEqual([`camera-1/${idOf(1)}`, `camera-1/${idOf(2)}`]);
  });

  test('tells captures of the same id by their devices', async () => {
    capture(1, undefined, 'camera-1');
    capture(1, undefined, 'camera-2');
    await cloud.run();
    expect(cloud.told()).toEqual([`camera-1/${idOf(1)}`, `camera-2/${idOf(1)}`]);
  });

  test('stops at its limit, and the next one goes on', async () => {
    cloud.upload('camera-1', [1, 2, 3].map((number) => ({ id: idOf(number), time: NOON - HOUR, parts: [picture(), reason()] })));
    capture(4, undefined, 'camera-2');
    const complete: boolean[] = [];
    for (let run = 0; run < 2; run += 1) {
      const [outcome] = await cloud.run({ maxPerRun: 2 });
      complete.push(outcome?.isComplete ?? false);
      cloud.now += 60_000;
    }
    expect(cloud.events.map(({ captures }) => captures)).toEqual([2, 2]);
    expect(complete).toEqual([false, true]);
    expect(cloud.told().sort()).toEqual([`camera-1/${idOf(1)}`, `camera-1/${idOf(2)}`, `camera-1/${idOf(3)}`, `camera-2/${idOf(4)}`]);
  });

  test('stops before its time is up, and the next one goes on', async () => {
    for (let number = 1; number <= 20; number += 1) {
      capture(number, undefined, `camera-${number}`);
    }
    cloud.callMs = 1000;
    cloud.end = cloud.now + 105_000;
    await cloud.run();
    expect(cloud.now).toBeLessThan(cloud.end);
    const first = cloud.told().length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(20);
    cloud.end = Infinity;
    await cloud.run();
    expect(new Set(cloud.told()).size).toBe(20);
    expect(cloud.told()).toHaveLength(20);
  });

  test('keeps the models apart', async () => {
    capture(1);
    cloud.upload('camera-1', [{ id: idOf(2), time: NOON - HOUR, parts: [picture(), reason()] }], 'finder');
    await cloud.run({ modelNames: ['reader', 'finder'] });
    expect(cloud.events.map(({ manifest }) => manifest.split('/')[5])).toEqual(['reader', 'finder']);
  });

  test('exports the other models where one fails, and fails', async () => {
    capture(1);
    cloud.upload('camera-1', [{ id: idOf(2), time: NOON - HOUR, parts: [picture(), reason()] }], 'finder');
    cloud.before = (call, key) => {
      if (call === 'getStream' && key.includes('/reader/')) {
        throw awsError('InternalError', 500);
      }
    };
    await expect(cloud.run({ modelNames: ['reader', 'finder'] })).rejects.toThrow('captures were not exported: reader: InternalError');
    expect(cloud.told()).toEqual([`camera-1/${idOf(2)}`]);
  });

  test('does nothing while another one goes on', async () => {
    capture(1);
    throttleEvents();
    await expect(cloud.run()).rejects.toThrow('ThrottlingException');
    cloud.before = () => undefined;
    cloud.now += 60_000;
    expect(await cloud.run()).toEqual([]);
  });

  test('sends the event of a run that could not, when Lambda repeats it', async () => {
    capture(1);
    throttleEvents();
    await expect(cloud.run()).rejects.toThrow('ThrottlingException');
    cloud.before = () => undefined;
    await cloud.run({}, scheduledRun(NOON));
    expect(cloud.events.map(({ captures }) => captures)).toEqual([1]);
    cloud.now += DAY;
    await cloud.run();
    expect(cloud.events).toHaveLength(1);
  });

  test('fails where EventBridge refuses the event', async () => {
    capture(1);
    const refusing = { ...cloud.calls, putEvents: () => Promise.resolve({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] }) };
    await expect(exportLabels(SETTINGS, scheduledRun(NOON), refusing)).rejects.toThrow('EventBridge refused the event');
  });
});

describe('the selection', () => {
  const all = [...Array(200).keys()];
  const exported = async (selection: { reasons?: string[]; share: number }): Promise<number> => {
    cloud.upload('camera-1', all.map((number) => ({
      id: `${number.toString(16).padStart(8, '0')}-1111-4111-8111-111111111111`, time: NOON - HOUR,
      parts: [picture(), ...number < 50 ? [reason({ reason: number < 20 ? 'drifted' : 'unsure' })] : []],
    })));
    await cloud.run({ selection });
    return cloud.events[0]?.captures ?? 0;
  };

  test.each([
    ['all', { share: 1 }, 200], ['of any reason', { reasons: [], share: 0 }, 50], ['of one reason', { reasons: ['drifted'], share: 0 }, 20],
  ])('takes captures: %s', async (_, selection, count) => {
    expect(await exported(selection)).toBe(count);
  });

  test('takes about the share that is wanted', async () => {
    const count = await exported({ share: 0.25 });
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThan(70);
  });
});

describe('a capture that cannot be exported', () => {
  const broken: [string, string, () => void][] = [
    ['NoRecord', 'is not JSON', () => {
      cloud.store(`field/${capture(2).replace(/[^/]+$/, '0.jsonl')}`, Buffer.from('{"a"\n'));
    }],
    ['NoRecord', 'has an id that is a path', () => {
      const key = `field/${capture(2)}`;
      cloud.store(key, Buffer.from(cloud.objects.get(key)?.body.toString().replace(`"${idOf(2)}"`, '"../../x"') ?? ''));
    }],
    ['BadReason', 'has a reason that is no JSON', () => capture(2, [picture(), reason('{')])],
    ['BadReason', 'has a reason that is a list', () => capture(2, [picture(), reason([1])])],
    ['NoInput', 'has no input', () => capture(2, [reason()])],
    ['BadTensor', 'has an input without a type', () => capture(2, [{ ...picture(), contentType: 'application/octet-stream' }, reason()])],
    ['BadTensor', 'has fewer bytes than its shape', () => capture(2, [{ ...picture(), contentType: 'Tensor[UINT8; 1, 3, 9, 9]' }, reason()])],
    ['TooLarge', 'is larger than a picture', () => capture(2, [{ ...picture(), contentType: 'Tensor[UINT8; 1, 3, 9000, 9000]' }, reason()])],
    ['TooLarge', 'has a batch of many', () => capture(2, [picture(0, '65, 1, 8, 8'), reason()])],
    ['Unreadable', 'has lost its tensor', () => {
      const folder = capture(2).replace(/[^/]+$/, 'raw-data/');
      for (const path of [...cloud.objects.keys()].filter((each) => each.startsWith(`field/${folder}`) && each.includes(idOf(2)))) {
        cloud.objects.delete(path);
      }
    }],
    ['BadReference', 'refers to another device\'s tensor', () => {
      const key = `field/${capture(2)}`;
      const text = cloud.objects.get(key)?.body.toString() ?? '';
      cloud.store(key, Buffer.from(text.replace(/"s3:\/\/field\/captures\/camera-1/, '"s3://field/captures/camera-2')));
    }],
  ];
  test.each(broken)('is counted and named, and the others are exported: %s, it %s', async (problem, _, make) => {
    capture(1);
    make();
    await cloud.run();
    expect(cloud.told()).toContain(`camera-1/${idOf(1)}`);
    expect(cloud.events[0]?.skipped).toEqual([
      { problem, count: 1, first: expect.stringMatching(
        /^s3:\/\/field\/captures\/camera-1\/fleet\/reader\/.*\.jsonl line \d+: /,
      ) as unknown },
    ]);
  });
});

test('a state that is no state fails, with what to do', async () => {
  cloud.store('out/labels/fleet/reader/state.json', Buffer.from('[]'));
  await expect(cloud.run()).rejects.toThrow('s3://out/labels/fleet/reader/state.json is no state of an export: delete it');
});
