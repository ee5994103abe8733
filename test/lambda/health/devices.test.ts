import { Aggregator } from '../../../lambda/health/aggregator/aggregator';
import { FakeCloud, message, NOW, report, SETTINGS } from './fake-cloud';

let cloud: FakeCloud;
let aggregator: Aggregator;
beforeEach(() => {
  cloud = new FakeCloud();
  aggregator = new Aggregator(SETTINGS, cloud.calls);
});

describe('the row of a device', () => {
  const hour = { from: NOW - 3_600_000 };

  it('says when it was seen, and what it said', async () => {
    await aggregator.handle([message(report(hour), 'camera-1')]);
    expect(cloud.devices.get('camera-1')).toMatchObject({
      seen: { N: String(NOW) }, ring: { S: 'main' }, models: { S: 'reader 1.0' }, predictions: { N: '3' }, errors: { N: '1' }, p99: { N: '10000' },
    });
  });

  it('is written by names that DynamoDB does not read as words of its own', async () => {
    const expressions: string[] = [];
    const { updateItem } = cloud.calls;
    const watched = new Aggregator(SETTINGS, { ...cloud.calls, updateItem: (input) => {
      expressions.push(`${input.UpdateExpression ?? ''} ${input.ConditionExpression ?? ''}`);
      return updateItem(input);
    } });
    await watched.handle([message(report(hour))]);
    const bare = expressions.join(' ').match(/(?<![#:\w])[a-z]\w*(?![\w(])/g) ?? [];
    expect(new Set(bare)).toEqual(new Set(['heldUntil']));
  });

  it('is not set back by a report that comes late', async () => {
    await aggregator.handle([message(report(hour), 'camera-1', NOW)]);
    await aggregator.handle([message(report(hour), 'camera-1', NOW - 1000)]);
    expect(cloud.devices.get('camera-1')?.seen).toEqual({ N: String(NOW) });
  });

  it('is written twice in the time until the device is silent, and not for each report', async () => {
    let writes = 0;
    cloud.after = (call) => {
      writes += call === 'updateItem' ? 1 : 0;
    };
    for (let minute = 0; minute < 60; minute += 5) {
      const to = NOW - 3_600_000 + (minute + 5) * 60_000;
      await aggregator.handle([message(report({ from: to - 300_000, to }), 'camera-1', to)]);
    }
    expect(writes - 12).toBe(2); // a report closes its entry of the ledger, too
  });
});
