/** What a CGI program says before its content. */
export interface CgiHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What has come of the content with it. */
  readonly rest: Buffer;
}

/** Undefined while it is not whole. */
export function parseCgiHead(output: Buffer): CgiHead | undefined {
  const end = output.indexOf('\r\n\r\n');
  if (end === -1) {
    return undefined;
  }
  const pairs = output.subarray(0, end).toString('latin1').split('\r\n').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const status = pairs.find(([name]) => name === 'status')?.[1] ?? '200';
  return {
    status: Number.parseInt(status, 10),
    headers: Object.fromEntries(pairs.filter(([name]) => name !== 'status')),
    rest: output.subarray(end + 4),
  };
}
