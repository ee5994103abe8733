// @ts-check
// Starts the launcher: plain JavaScript, so that an old Node says what is wrong instead of a syntax error, and so that
// tsx, which works in TMPDIR, writes below .local/ like everything else.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const OLDEST = { major: 20, minor: 16 }; // as in package.json
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
  console.error(`the local cloud needs Node ${OLDEST.major}.${OLDEST.minor} or later, this is ${process.versions.node} (${process.execPath}): install a newer one, for example from https://nodejs.org`);
  process.exit(1);
}
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '.local');
const tmp = path.join(root, `launcher-${process.pid}`);
try {
  fs.mkdirSync(tmp, { recursive: true, mode: 0o700 }); // keys will be in it
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`\nlocal cloud: ${reason}\n  it keeps all its files in ${root}: let this user write there, or clone to another place`);
  process.exit(1);
}
for (const name of fs.readdirSync(root)) {
  const pid = /^launcher-(\d+)$/.exec(name)?.[1];
  if (pid !== undefined && !runs(Number(pid))) { // of a launcher that was killed
    fs.rmSync(path.join(root, name), { recursive: true, force: true });
  }
}
process.once('exit', () => {
  fs.rmSync(tmp, { recursive: true, force: true });
});
process.env.TMPDIR = tmp;
for (const name of Object.keys(process.env).filter((key) => key.startsWith('AWS_'))) { // the user's account is not to be touched
  Reflect.deleteProperty(process.env, name);
}
Object.assign(process.env, {
  AWS_CONFIG_FILE: path.join(tmp, 'no-config'), AWS_SHARED_CREDENTIALS_FILE: path.join(tmp, 'no-credentials'),
});
for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) { // nothing has been started yet
      process.exit(code);
    }
  });
}
// Ctrl-C reaches tsx's compiler as well, whose end is an error here; the signal itself, waiting meanwhile, comes right after it.
process.on('uncaughtException', (error) => {
  setTimeout(() => {
    console.error(error);
    process.exit(1);
  }, 100);
});

const [forRequire, forImport] = [await import('tsx/cjs/api'), await import('tsx/esm/api')];
forRequire.register();
forImport.register(); // import() of what one command needs
createRequire(import.meta.url)('./main.ts');

/**
 * Whether there is a process of this id.
 *
 * @param {number} pid
 */
function runs(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
