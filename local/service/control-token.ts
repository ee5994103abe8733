import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What opens the ways into a local cloud that are not AWS's: the stand-ins' control calls and the host of the devices. */
export function makeControlToken(): string {
  return randomBytes(24).toString('base64url');
}

/** The header of who has it. */
export function tokenHeader(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** Nobody has a token that there is not. */
export function hasToken({ headers: { authorization = '' } }: IncomingMessage, token: string | undefined): boolean {
  return token !== undefined && isSameText(authorization, tokenHeader(token).authorization);
}

/** Takes as long for any text, so that nobody guesses a secret letter by letter. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

export function refuseWithoutToken(response: ServerResponse): void {
  response.writeHead(401, { 'content-type': 'application/json', 'connection': 'close' })
    .end(JSON.stringify({ message: 'the control token of this local cloud is wanted: Authorization: Bearer <token>' }));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
