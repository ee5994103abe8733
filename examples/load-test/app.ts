/**
 * A model behind a real-time endpoint, and its load test. The model is the one of examples/scikit-learn: Triton serves it.
 *   npx cdk deploy -a 'npx tsx examples/load-test/app.ts'
 * Start the test by the output Start, wait for it by Wait, and read runs/<run id>/report.html in the bucket Results.
 * `npm run local -- --once --sample load-test` does all of it without an account. The same app in Python: app.py.
 */
import * as path from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  EndpointDashboard, EndpointInstanceType, EndpointLoadTest, EndpointModel, LoadTestScenario, ModelSource, RealTimeEndpoint,
} from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'LoadTest');

const instanceType = EndpointInstanceType.C5_XLARGE;
const endpoint = new RealTimeEndpoint(stack, 'Endpoint', {
  variants: [{ model: EndpointModel.triton(ModelSource.fromAsset(path.join(__dirname, '..', 'scikit-learn', 'model.onnx'))), instanceType }],
});
new EndpointDashboard(stack, 'Dashboard', { endpoint, instanceType });

/** SageMaker publishes an endpoint's metrics once a minute. The local cloud does it more often. */
const minute = Number(app.node.tryGetContext('metricPeriod') ?? 60);
const loadTest = new EndpointLoadTest(stack, 'LoadTest', {
  endpoint,
  scenario: LoadTestScenario.payload(path.join(__dirname, 'payload.json')),
  users: [1, 2, 4, 8, 16],
  settleTime: Duration.seconds(minute),
  holdTime: Duration.seconds(3 * minute),
  metricPeriod: Duration.seconds(minute),
  workers: 1,
  removalPolicy: RemovalPolicy.DESTROY, // the reports go with the stack
});

new CfnOutput(stack, 'Start', { value: loadTest.startCommand() });
new CfnOutput(stack, 'Wait', { description: 'Its exit code is that of the gate', value: loadTest.waitCommand() });
new CfnOutput(stack, 'Results', { value: loadTest.resultsBucket.bucketName });
new CfnOutput(stack, 'EndpointName', { value: endpoint.endpointName });
new CfnOutput(stack, 'StateMachine', { value: loadTest.stateMachine.stateMachineArn });
