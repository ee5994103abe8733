/**
 * Captures that become labels: each day, what devices were unsure of is exported as pictures with a manifest, and an e-mail says so.
 *   npx cdk synth -a 'npx tsx examples/labels/app.ts'
 */
import { App, aws_events_targets as targets, aws_sns as sns, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { CaptureBucket, DeviceRole, EdgeDevice, ImageTensor, LabelingExport, RoleAlias } from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'Labels');

const captureBucket = new CaptureBucket(stack, 'Captures', { lifecycle: { expiration: Duration.days(90) } });
const roleAlias = new RoleAlias(stack, 'RoleAlias', { role: new DeviceRole(stack, 'DeviceRole', { captureBucket }) });
new EdgeDevice(stack, 'Camera', { fleetName: 'packing-line', roleAlias, captureBucket }).addCertificate();

const labels = new LabelingExport(stack, 'Export', {
  captureBucket,
  fleetName: 'packing-line',
  modelNames: ['orientation'],
  image: ImageTensor.nchw({ mean: [0.5], std: [0.5] }),
});
const topic = new sns.Topic(stack, 'LabelsReady', { enforceSSL: true });
labels.onLabelsReady('OnReady', { target: new targets.SnsTopic(topic) });

new CfnOutput(stack, 'LabelsUri', { value: labels.outputBucket.s3UrlForObject(labels.labelPrefix) });
