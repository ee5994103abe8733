// @ts-check
const os = require('node:os');

process.env.ORT_DISABLE_TELEMETRY ??= '1'; // ONNX Runtime 1.30 reports to its makers otherwise
process.env.CDK_VALIDATION ??= 'false'; // the synth checks run once, in `npm run synth`, not once a test file

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: Math.ceil(os.availableParallelism() * 1.5), // many tests wait for processes of their own; jest takes no '150%'
  workerIdleMemoryLimit: '512MB', // a worker that has run a hundred files is two to three times slower than a young one
  globalSetup: '<rootDir>/jest-setup.cjs',
  globalTeardown: '<rootDir>/jest-teardown.cjs', // workers run no `exit` handlers
  testEnvironment: '<rootDir>/jest-env.cjs',
  testTimeout: 60_000, // many tests start processes: five seconds would assume an idle machine
  roots: ['<rootDir>/test'],
  testPathIgnorePatterns: ['<rootDir>/test/deploy/'], // npm run test:local
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json'],
  modulePathIgnorePatterns: ['<rootDir>/packages', '<rootDir>/.local', '<rootDir>/cdk.out', '<rootDir>/dist'],
  moduleNameMapper: {
    '^cdk-sagemaker-edge$': '<rootDir>/lib/index.ts', // as the examples import it
    '^\\./sdk\\.js$': '<rootDir>/agent/cloud/sdk.ts', // a file of its own in the agent's bundle only
  },
  setupFilesAfterEnv: ['aws-cdk-lib/testhelpers/jest-autoclean', '<rootDir>/jest-bytes.cjs'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }],
    // As the bundles of the bootstrap and of the pages take them.
    '\\.service$|\\.css$|/uPlot\\.iife\\.min\\.js$|/(report|local)/page/draw\\.js$': '<rootDir>/jest-text.cjs',
  },
  transformIgnorePatterns: ['/node_modules/(?!uplot/dist/)'],
  coverageProvider: 'babel',
};
