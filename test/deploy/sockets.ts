import * as fs from 'node:fs';

const LISTENING = '0A';

/** A TCP socket that listens. */
export interface Listener { readonly address: string; readonly port: number }

/** What the processes of some groups listen on, over IPv4 and IPv6, as the kernel lists it. */
export function listenersOf(groups: readonly number[]): Listener[] {
  const inodes = new Set(processesOf(groups).flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => fs.readFileSync(table, 'utf8').split('\n').slice(1).flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    return state === LISTENING && inodes.has(inode) ? [{ address: readable(address), port: Number.parseInt(port, 16) }] : [];
  }));
}

/** Their ids. */
export function processesOf(groups: readonly number[]): string[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      return groups.includes(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]));
    } catch {
      return false; // it has just ended
    }
  });
}

function socketsOf(pid: string): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []);
  } catch {
    return []; // it has just ended
  }
}

/** `0100007F` → `127.0.0.1`; an IPv6 address as it is. */
function readable(hex: string): string {
  return hex.length === 8 ? (hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)).join('.') : hex;
}
