import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { codeOf } from '../error-text';

/** `sun_path` has 108 bytes with the closing zero. Longer paths would be cut off silently. */
export const MAX_PATH_BYTES = 107;
const CONNECT_TIMEOUT_MS = 2000;

/** Makes sure that a socket can be made at the path: removes one that a dead agent left, and nothing else. */
export async function prepareSocket(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    throw new Error(`-a: a socket's path may have ${MAX_PATH_BYTES} bytes, ${path} has ${bytes}`);
  }
  if (path.includes('\0')) {
    throw new Error('-a: the socket\'s path holds a zero byte');
  }
  let isSocket: boolean;
  try {
    isSocket = (await lstat(path)).isSocket();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return;
    }
    throw error;
  }
  if (!isSocket) {
    throw new Error(`-a: ${path} exists and is not a socket`);
  }
  if (await answers(path)) {
    throw new Error(`-a: another process answers at ${path}`);
  }
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const end = (error?: Error): void => {
      socket.destroy();
      if (error !== undefined) {
        reject(error);
      }
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      end(new Error(`-a: ${path} neither answers nor refuses`));
    });
    socket.once('connect', () => {
      resolve(true);
      end();
    });
    socket.once('error', (error) => {
      if (['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')) {
        resolve(false);
        end();
      } else {
        end(error);
      }
    });
  });
}
