const base = require('./jest.config.js');

/** Deployments to the local cloud: `npm run test:local`. */
/** @type {import('jest').Config} */
module.exports = { ...base, testPathIgnorePatterns: [], roots: ['<rootDir>/test/deploy'], testTimeout: 600_000 };
