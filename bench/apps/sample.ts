import { App } from 'aws-cdk-lib';
import { buildSampleApp } from '../../bin/sample-app';

const app = new App({ context: { delivery: process.env.DELIVERY ?? 'direct', deviceCount: process.env.DEVICES ?? '2' } });
buildSampleApp(app);
app.synth();
