// All that is built and the package ships: handlers, agent, and the programs that set devices up.
await import('./build-handlers.mjs');
await import('./build-agent.mjs');
await import('./build-bootstrap.mjs');
await import('./build-scripts.mjs');
