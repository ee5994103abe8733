import type { App } from 'aws-cdk-lib';
import { readSampleConfig } from './sample-config';
import { SampleStack } from './sample-stack';

/** Adds the sample's one stack to an app, as its context says. */
export function buildSampleApp(app: App): SampleStack {
  return new SampleStack(app, 'EdgeSample', {
    description: 'cdk-sagemaker-edge sample: from a trained model to a fleet of edge devices',
    // Of the CLI's profile. Without one the template is region-agnostic, and rules that need a region are not checked.
    env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
    config: readSampleConfig(app),
  });
}
