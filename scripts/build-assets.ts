// All that esbuild makes and the package ships: handlers, agent, and the program that sets a device up.
import { releaseAgent } from './build-agent';
import { buildBootstrap } from './build-bootstrap';
import { buildHandlers } from './build-handlers';
import { runScript } from './bundle';

runScript(async () => {
  await buildHandlers();
  await releaseAgent();
  await buildBootstrap();
});
