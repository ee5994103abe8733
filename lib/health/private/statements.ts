import { aws_iam as iam } from 'aws-cdk-lib';

export function allow(actions: string[], resource: string): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: [resource] });
}

export function mayPutMetrics(namespace: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['cloudwatch:PutMetricData'], resources: ['*'], // has no resource
    // A request to CloudWatch always has the key. The emulator of the local cloud does not know it.
    conditions: { StringEqualsIfExists: { 'cloudwatch:namespace': namespace } },
  });
}
