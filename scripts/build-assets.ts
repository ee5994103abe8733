// All that is built and the package ships: handlers, agent, the programs that set devices up, and the licences of all that.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseAgent } from './build-agent';
import { buildBootstrap } from './build-bootstrap';
import { buildCli } from './build-cli';
import { buildExperimentJob } from './build-experiment-job';
import { buildHandlers } from './build-handlers';
import { buildLoadTest } from './build-load-test';
import { buildScripts } from './build-scripts';
import { bundledPackages, runScript } from './bundle';
import { LICENSES_FILE, licensesOf, licensesPage, runtimeNotices } from './licenses';

runScript(async () => {
  await buildHandlers();
  await releaseAgent();
  await buildBootstrap();
  await buildScripts();
  await buildLoadTest();
  await buildExperimentJob();
  await buildCli();
  const licensed = licensesOf(bundledPackages());
  await writeFile(join('assets', LICENSES_FILE), licensesPage([...licensed, runtimeNotices()]));
  console.log(`${join('assets', LICENSES_FILE)} for ${licensed.length} packages`);
});
