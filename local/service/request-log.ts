import * as fs from 'node:fs';
import type { RequestLog, RequestLogEntry } from './contracts';

/** Appends each answered call to a file, a JSON line each. The file is there, whole, when `append` returns. */
export class FileRequestLog implements RequestLog {
  public constructor(private readonly file: string) {}

  public append(entry: RequestLogEntry): void {
    const { time, service, operation, caller, input, output, status, error } = entry;
    fs.appendFileSync(this.file, `${JSON.stringify({ time, service, operation, caller, input, output, status, error })}\n`);
  }
}
