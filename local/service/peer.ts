import * as fs from 'node:fs';
import type { Socket } from 'node:net';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ESTABLISHED = '01';
/** A row can be missed, since the table is read in parts while it changes. */
const ATTEMPTS = 3;

/** One end of a connection, as the kernel lists it. */
interface Row { readonly state: string; readonly uid: number }

/**
 * Whether a connection to a listener of loopback comes from a program of this process's own user. Where the kernel does
 * not tell who is at the other end, which is everywhere but on Linux, nobody is refused by this.
 */
export function isOwnUser({ remotePort, localPort }: Pick<Socket, 'remotePort' | 'localPort'>, readTable = read): boolean {
  const uid = process.getuid?.();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const tables = TABLES.flatMap((file) => readTable(file) ?? []);
    if (uid === undefined || tables.length === 0) {
      return true;
    }
    if (remotePort === undefined || localPort === undefined) {
      return false; // it is gone already
    }
    // one that is being closed is listed as root's, whoever had it
    const users = tables.flatMap((table) => otherEnds(table, remotePort, localPort)).filter(({ state }) => state === ESTABLISHED);
    if (users.length > 0) {
      return users.every((row) => row.uid === uid);
    }
  }
  return false;
}

/** Rows of which this port is the own end, and `to` the other one. */
function otherEnds(table: string, from: number, to: number): Row[] {
  return table.split('\n').slice(1).flatMap((line) => {
    const [, own = '', other = '', state = '', , , , uid = ''] = line.trim().split(/\s+/);
    return port(own) === from && port(other) === to ? [{ state, uid: Number(uid) }] : [];
  });
}

function port(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined; // no Linux, or no IPv6
  }
}
