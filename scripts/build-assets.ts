// All that is built and the package ships: handlers, agent, and the programs that set devices up.
import { releaseAgent } from './build-agent';
import { buildBootstrap } from './build-bootstrap';
import { buildHandlers } from './build-handlers';
import { buildScripts } from './build-scripts';
import { runScript } from './bundle';

runScript(async () => {
  await buildHandlers();
  await releaseAgent();
  await buildBootstrap();
  await buildScripts();
});
