import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { APP_VARIABLE } from './app-variable';
import { bridgeAssembly } from './assembly';

/**
 * The app that the CDK CLI is given. It runs the user's app, in whatever language, or takes the cloud assembly that is named
 * instead, and makes what came out deployable into the local cloud. The app's command comes in a variable: no shell reads it twice.
 */
function main(app: string | undefined, outdir: string | undefined): number {
  if (app === undefined || outdir === undefined) {
    throw new Error(`this program is started by the local cloud's CDK CLI: it needs ${APP_VARIABLE} and CDK_OUTDIR`);
  }
  if (fs.existsSync(app) && fs.statSync(app).isDirectory()) {
    fs.cpSync(app, outdir, { recursive: true });
  } else {
    const { status, signal, error } = spawnSync(app, { shell: true, stdio: 'inherit' });
    if (error) {
      throw error;
    }
    if (status !== 0) {
      return status ?? (signal === null ? 1 : 128);
    }
  }
  bridgeAssembly(outdir);
  return 0;
}

try {
  process.exitCode = main(process.env[APP_VARIABLE], process.env.CDK_OUTDIR);
} catch (error) {
  console.error(`local cloud: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
