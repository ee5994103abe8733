import * as path from 'node:path';
import { App, aws_ec2 as ec2, aws_kms as kms, Stack } from 'aws-cdk-lib';
import {
  EndpointAlarms, EndpointCapacity, EndpointDashboard, EndpointDeployment, EndpointInstanceType, EndpointModel, ModelSource,
  RealTimeEndpoint,
} from '../../lib';

/** An endpoint with all that it can have. */
export function endpointApp(): App {
  const app = new App();
  const stack = new Stack(app, 'Endpoint', { env: { account: '111122223333', region: 'eu-west-1' } });
  const instanceType = EndpointInstanceType.M5_XLARGE;
  const privateSubnetIds = ['subnet-1', 'subnet-2'];
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds });
  const endpoint = new RealTimeEndpoint(stack, 'Endpoint', {
    variants: [{
      model: EndpointModel.triton(ModelSource.fromAsset(path.join(__dirname, '..', '..', 'examples', 'scikit-learn', 'model.onnx'))),
      instanceType, instanceCount: 2,
    }],
    vpc,
    volumeKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012'),
    deployment: EndpointDeployment.canary(EndpointCapacity.percent(50)),
    dataCapture: { samplingPercentage: 5 },
  });
  endpoint.autoScale({ min: 2, max: 10 }).onInvocationsPerInstance(3000);
  const alarms = new EndpointAlarms(stack, 'Alarms', { endpoint, instanceType });
  endpoint.addRollbackAlarms(...alarms.alarms);
  new EndpointDashboard(stack, 'Dashboard', { endpoint, instanceType });
  return app;
}
