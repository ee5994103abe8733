/** Values that a log line may carry. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: one JSON object a line. Never give it a credential, a key or a tensor. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Logs to `write`. `verbose` lets debug lines through. */
export function createLogger(write: (line: string) => void, verbose: () => boolean): Logger {
  const line = (level: string) => (message: string, fields: LogFields = {}): void => {
    if (level === 'debug' && !verbose()) {
      return;
    }
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
