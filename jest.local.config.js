// @ts-check
const base = require('./jest.config.js');

/** Deployments to the local cloud: `npm run test:local`. Each suite has a cloud of its own, and waits more than it works. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  testPathIgnorePatterns: [],
  roots: ['<rootDir>/test/deploy'],
  globalSetup: '<rootDir>/test/deploy/setup.ts',
  maxWorkers: 3,
  testTimeout: 600_000,
};
