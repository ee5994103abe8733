import type { status } from '@grpc/grpc-js';

/** What a refused call throws. */
export function refusal(code: status, details: RegExp | string): object {
  const text: unknown = expect.stringMatching(details);
  return { code, details: text };
}
