import type { Entry } from '../../../lambda/health/aggregator/ledger';
import type { Received } from '../../../lambda/health/aggregator/message';
import { MinuteReports } from '../../../lambda/health/aggregator/minute-reports';
import { NOW, report, SETTINGS } from './fake-cloud';

const MINUTE = '2026-11-27T12:00:00.000Z';
const FIRST = '00000001aaaaaaaa';
const SECOND = 'ff000002bbbbbbbb';
/** It begins as the first one does. */
const LIKE_FIRST = '00000001cccccccc';

const entryOf = (batch: string, ...keys: readonly string[]): Entry => ({ minute: MINUTE, batch, keys: Buffer.from(keys.join(''), 'hex'), data: undefined });
const received = (messageId: string): Received => ({ messageId, thing: 'camera-1', received: NOW, report: report(), rejection: undefined });
const idsOf = (members: readonly { readonly messageId: string }[] = []): readonly string[] => members.map(({ messageId }) => messageId);

describe('the reports of a minute', () => {
  it('are found in the entry that has their key', () => {
    const [one, other] = [entryOf('1', FIRST), entryOf('2', SECOND)];
    const reports = new MinuteReports(MINUTE, [one, other], SETTINGS);
    reports.add(SECOND, received('m-1'));
    reports.add(FIRST, received('m-2'));
    reports.add(FIRST, received('m-3'));
    expect(idsOf(reports.found.get(one))).toEqual(['m-2', 'm-3']);
    expect(idsOf(reports.found.get(other))).toEqual(['m-1']);
    expect([reports.fresh, reports.lines, reports.totals.data(new Date())]).toEqual([[], [], []]);
  });

  it('are found where keys of two entries begin alike', () => {
    const [one, other] = [entryOf('1', FIRST), entryOf('2', LIKE_FIRST)];
    const reports = new MinuteReports(MINUTE, [one, other], SETTINGS);
    reports.add(FIRST, received('m-1'));
    reports.add(LIKE_FIRST, received('m-2'));
    expect([one, other].map((entry) => idsOf(reports.found.get(entry)))).toEqual([['m-1'], ['m-2']]);
  });

  it('are fresh where a key only begins as theirs', () => {
    const reports = new MinuteReports(MINUTE, [entryOf('1', FIRST)], SETTINGS);
    reports.add(LIKE_FIRST, received('m-1'));
    expect(idsOf(reports.fresh)).toEqual(['m-1']);
  });

  it('are fresh where their bytes are there, as the end of one key and the start of the next', () => {
    const reports = new MinuteReports(MINUTE, [entryOf('1', `11111111${FIRST.slice(0, 8)}`, `${FIRST.slice(8)}22222222`, LIKE_FIRST)], SETTINGS);
    reports.add(FIRST, received('m-1'));
    expect(idsOf(reports.fresh)).toEqual(['m-1']);
  });
});
