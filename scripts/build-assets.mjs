// All that esbuild makes and the package ships: handlers, agent, and the program that sets a device up.
await import('./build-handlers.mjs');
await import('./build-agent.mjs');
await import('./build-bootstrap.mjs');
