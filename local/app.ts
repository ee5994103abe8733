import { App } from 'aws-cdk-lib';
import { buildSampleApp } from '../bin/sample-app';
import { addLocalCloud } from './bridge/aspect';

/** The sample app as the local cloud deploys it: its own code, unchanged, and the aspect of the bridge. */
try {
  const app = new App();
  buildSampleApp(app);
  addLocalCloud(app);
  app.synth();
} catch (error) {
  console.error(`cdk-sagemaker-edge sample: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
