import { App } from 'aws-cdk-lib';
import { buildSampleApp } from './sample-app';

try {
  buildSampleApp(new App());
} catch (error) {
  // A wrong value of the context is the user's to mend: the message says how, a stack trace would hide it.
  console.error(`cdk-sagemaker-edge sample: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
