/** A finding of cdk-nag that is meant to be: which rule, where, and why. */
export interface Acknowledged {
  readonly rule: RegExp;
  readonly path: RegExp;
  readonly reason: string;
}

const PROVIDER = /\/cdk-sagemaker-edge\.\w+Provider\/Provider\//;

/**
 * Every finding of AwsSolutions on the sample and the examples. An entry that nothing meets fails the test, as a
 * finding without entry does.
 */
export const ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    rule: /^AwsSolutions-S1$/,
    path: /Bucket\/Resource$|Artifacts\/Resource$/,
    reason: 'server access logs want a second bucket, which is the user\'s to choose: hand in a bucket that has one',
  },
  {
    rule: /^AwsSolutions-SMG4$/,
    path: /Certificate\/Thing\w+\/Secret$/,
    reason: 'the secret holds a device\'s key: rotating it means a new certificate on the device, not a new value here',
  },
  {
    rule: /^AwsSolutions-IAM4\[.*AWSLambdaBasicExecutionRole\]$/,
    path: PROVIDER,
    reason: 'a function of CDK\'s provider framework: its logs',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>:\*\]$/,
    path: PROVIDER,
    reason: 'CDK\'s provider framework calls any version of that one function',
  },
  { rule: /^AwsSolutions-SF[12]$/, path: PROVIDER, reason: 'CDK\'s waiter state machine: its executions hold requests of CloudFormation, and are seen in the handler\'s own log' },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/captures\/<credentials-iot:ThingName>\/\*\]$/,
    path: /Policy\/Resource$/,
    reason: 'a device\'s own prefix: IAM fills in the name of its thing',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:secret:cdk-sagemaker-edge\/.*\/\*\]$/,
    path: /DeviceSecretRights\/Resource$/,
    reason: 'the folder of this stack\'s device secrets, whose names end in characters that Secrets Manager adds',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:cert\/\*\]$/,
    path: /CertificateRights\/Resource$/,
    reason: 'reads a certificate whose id is not known before it is made',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:thing\/.*-\*\]$/,
    path: /(Fleet|\.ThingPrefixes\/[\w-]+-)\/TypeRights\/Resource$/,
    reason: 'the things of this fleet, by its name',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    path: /\.IdentityProvider\/DetachRights\/Resource$/,
    reason: 'AWS\'s pages contradict each other on whether iot:ListThingPrincipals knows the thing as its resource',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    path: /CredentialEndpoint\/Rights\/Resource$/,
    reason: 'iot:DescribeEndpoint has no resource',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    path: /\/Compile\/Role\/DefaultPolicy\/Resource$/,
    reason: 'cloudwatch:PutMetricData has no resource; the condition names the namespaces',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:log-group:\/aws\/sagemaker\/CompilationJobs\*\]$/,
    path: /\/Compile\/Role\/DefaultPolicy\/Resource$/,
    reason: 'SageMaker\'s group of compilation logs and its streams',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:(compilation-job|edge-packaging-job)\/\w+-\w+-\*\]$/,
    path: /(StartPolicy|JobProvider\/Role\/DefaultPolicy)\/Resource$/,
    reason: 'the jobs of this stack, by its prefix',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/(compiled|packaged)\/\*\]$/,
    path: /Role\/DefaultPolicy\/Resource$/,
    reason: 'each job writes below the output prefix, in a folder of its own; packaging reads what a compilation wrote',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:instance\/\*\]$/,
    path: /Simulated\/Role\/Resource$/,
    reason: 'ssm:UpdateInstanceInformation by the machine itself, whose id is not known before its role is',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    path: /Simulated\/Role\/Resource$/,
    reason: 'ssmmessages and ec2messages have no resources',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/inputs\/[\w-]+\/\*\]$/,
    path: /Simulated\/Role\/Resource$/,
    reason: 'the folder of this device\'s inputs',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/reports\/<\w+>\/\*\/report\.json\]$/,
    path: /Simulated\/Role\/Resource$/,
    reason: 'where the machines of this device say how their setup went, each in an object named by its id, which is not known before the role is',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/(manifests\/\*\/manifest|reports\/\*\/report)\.json\]$/,
    path: /DeviceProvider\/Role\/DefaultPolicy\/Resource$/,
    reason: 'manifests and reports of all devices of the stack',
  },
  {
    rule: /^AwsSolutions-VPC7$/,
    path: /Simulated\/Network\/Vpc$/,
    reason: 'a network of one machine that no port is open on: hand in a VPC that has flow logs',
  },
  { rule: /^AwsSolutions-EC28$/, path: /Simulated\/Instance\/Resource$/, reason: 'a machine for trying out: basic monitoring does' },
  {
    rule: /^AwsSolutions-EC29$/,
    path: /Simulated\/Instance\/Resource$/,
    reason: 'it goes with its stack, and holds nothing that is not in S3',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/(EdgeSample|ScikitLearn)\.(Model|Agent(\.runtime)?)\/\*\]$/,
    path: /\/Fleet\/Role\/DefaultPolicy\/Resource$/,
    reason: 'the artifacts of one component in all its versions: a device that goes back fetches an earlier one',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/(EdgeSample|ScikitLearn)\.(Model|Agent(\.runtime)?)\/\*\]$/,
    path: /\/Artifacts\w+\/Rights\/Resource$/,
    reason: 'the artifacts of a version that is gone are removed, whichever version of this one component that was',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:components:(EdgeSample|ScikitLearn)\.[\w.]+:versions:\*\]$/,
    path: /\/Artifacts\w+\/Rights\/Resource$/,
    reason: 'each version that this one component had or will have',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:(thing\/|coreDevices:)(demo-device-fleet-canary|laboratory)-\*\]$/,
    path: /\/(Canary|Fleet)\/MemberRights\/Rights\/Resource$/,
    reason: 'the things and core devices of this fleet, by its name',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:coreDevices:\*\]$/,
    path: /GreengrassProvider\/RolloutRights\/Resource$/,
    reason: 'asks the devices that are in the thing group by then, whatever their names',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::.*:(deployments:|job\/)\*\]$/,
    path: /GreengrassProvider\/RolloutRights\/Resource$/,
    reason: 'Greengrass chooses the ids of deployments and of their jobs',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    path: /GreengrassProvider\/RolloutRights\/Resource$/,
    reason: 'greengrass:CreateDeployment and ListDeployments have no resource; iot:CreateJob names the thing group',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/models\/[\w-]+\/\*\]$/,
    path: /\/Model\/Rights\/Resource$/,
    reason: 'the folder of this one model, whose packages are named by their digest',
  },
];
