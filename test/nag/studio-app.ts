import { App, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { ExperimentTracking, ExperimentTrackingKind } from '../../lib';

/** What a data scientist works with: where experiments are tracked, in both kinds. */
export function studioApp(): App {
  const app = new App();
  const stack = new Stack(app, 'Studio');
  const scientist = new iam.Role(stack, 'Scientist', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
  new ExperimentTracking(stack, 'Tracking', { automaticModelRegistration: true }).grantTrack(scientist);
  new ExperimentTracking(stack, 'Server', { kind: ExperimentTrackingKind.trackingServer() }).grantTrack(scientist);
  return app;
}
