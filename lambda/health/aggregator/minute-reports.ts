import type { HealthSettings } from '../../../lib/health/private/contract';
import { deviceRow, type DeviceRow } from './devices';
import { historyLine } from './history';
import { KEY_BYTES, type Entry } from './ledger';
import type { Received } from './message';
import { Totals } from './totals';

/** The reports of a batch that one entry of the ledger has, or is to have. */
export interface Member {
  readonly messageId: string;
  /** In hexadecimal digits. */
  readonly key: string;
}

/**
 * The reports of a batch whose periods ended in one minute.
 *
 * A report is added up as soon as it is read, and forgotten: a batch of 1,000 parsed reports, kept until the last one is read, took a third
 * of the function's CPU time for the collection of garbage (`npm run bench fleet-health`).
 */
export class MinuteReports {
  /** Those that are not in the ledger, each once. */
  public readonly fresh: Member[] = [];
  /** What the history gets of those. */
  public readonly lines: string[] = [];
  public readonly totals: Totals;
  /** Those that are in the ledger. */
  public readonly found = new Map<Entry, Member[]>();
  /** Devices that are to be written down as seen. */
  public readonly rows: DeviceRow[] = [];
  private readonly freshKeys = new Set<string>();
  private readonly entries: Entries;

  /**
   * @param minute when it began, as the ledger has it
   * @param entries what the ledger has of it
   */
  public constructor(public readonly minute: string, entries: readonly Entry[], private readonly settings: HealthSettings) {
    this.totals = new Totals(settings);
    this.entries = new Entries(entries);
  }

  public add(key: string, received: Received): void {
    const member = { messageId: received.messageId, key };
    const entry = this.entries.of(key);
    if (entry !== undefined) {
      const members = this.found.get(entry) ?? [];
      members.push(member);
      this.found.set(entry, members);
    } else if (!this.freshKeys.has(key)) {
      this.freshKeys.add(key);
      this.fresh.push(member);
      this.totals.add(received);
      const line = historyLine(received);
      if (line !== undefined) {
        this.lines.push(line);
      }
    }
    const row = deviceRow(received, this.settings.silentSeconds);
    if (row !== undefined) {
      this.rows.push(row);
    }
  }
}

/** Tells which entry of the ledger has a key. */
class Entries {
  /** By the first four bytes of a key. */
  private readonly likely = new Map<number, Entry>();

  public constructor(private readonly all: readonly Entry[]) {
    for (const entry of all) {
      for (let offset = 0; offset < entry.keys.length; offset += KEY_BYTES) {
        this.likely.set(entry.keys.readInt32BE(offset), entry);
      }
    }
  }

  public of(key: string): Entry | undefined {
    const likely = this.likely.get(Number.parseInt(key.slice(0, 8), 16) | 0);
    // Two keys may begin alike. Then it may be in any other, too.
    return likely === undefined ? undefined : [likely, ...this.all].find(({ keys }) => hasKey(keys, Buffer.from(key, 'hex')));
  }
}

function hasKey(keys: Buffer, key: Buffer): boolean {
  let at = keys.indexOf(key);
  while (at >= 0 && at % KEY_BYTES !== 0) {
    at = keys.indexOf(key, at + 1);
  }
  return at >= 0;
}
