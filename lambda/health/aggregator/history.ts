import type { Dependencies } from './dependencies';
import type { Received } from './message';

/** Firehose takes 1,000 KiB a record, and charges for each in steps of 5 KiB: lines travel together. */
const MAX_RECORD_BYTES = 1000 * 1024;
/** And 4 MiB a call. */
const MAX_RECORDS = 4;

/** Writes lines of reports to the history. */
export async function writeHistory(stream: string, lines: readonly string[], calls: Pick<Dependencies, 'putRecordBatch'>): Promise<void> {
  const records = pack(lines);
  for (let start = 0; start < records.length; start += MAX_RECORDS) {
    const Records = records.slice(start, start + MAX_RECORDS).map((Data) => ({ Data }));
    const { FailedPutCount = 0 } = await calls.putRecordBatch({ DeliveryStreamName: stream, Records });
    if (FailedPutCount > 0) {
      throw new Error(`the history did not take ${FailedPutCount} of ${Records.length} records`);
    }
  }
}

/** A report as a line of JSON. Undefined: the message is no report. */
export function historyLine({ thing, received, report }: Received): string | undefined {
  return report === undefined ? undefined : `${JSON.stringify({ thing, received, ...report })}\n`;
}

function pack(lines: readonly string[]): Buffer[] {
  const records: Buffer[] = [];
  let record: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const length = Buffer.byteLength(line);
    if (bytes + length > MAX_RECORD_BYTES) {
      records.push(Buffer.from(record.join('')));
      record = [];
      bytes = 0;
    }
    record.push(line);
    bytes += length;
  }
  return bytes === 0 ? records : [...records, Buffer.from(record.join(''))];
}
