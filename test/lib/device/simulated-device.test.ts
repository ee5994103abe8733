import { aws_ec2 as ec2, Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AgentConfig } from '../../../lib/agent/agent-config';
import { DeviceFleet } from '../../../lib/edge-manager/device-fleet';
import { PackagingJob } from '../../../lib/edge-manager/packaging-job';
import { DeviceCertificate } from '../../../lib/identity/device-certificate';
import { EdgeDevice } from '../../../lib/identity/edge-device';
import { ModelRuntime } from '../../../lib/model/deployable-model';
import { ModelSource } from '../../../lib/model/model-source';
import { OnnxModel } from '../../../lib/model/onnx-model';
import { onnxBytes } from '../onnx-bytes';
import { modelFile } from '../temp-models';
import { DeviceStack } from './device-stack';

let stack: DeviceStack;
beforeEach(() => {
  stack = new DeviceStack();
});

const template = (): Template => Template.fromStack(stack);
const logicalId = (type: string, prefix = ''): string =>
  Object.keys(template().findResources(type)).find((id) => id.startsWith(prefix)) ?? '';

/** The manifest as the template has it, with each token as its logical id. */
function manifest(): Record<string, unknown> {
  const [resource] = Object.values(template().findResources('Custom::SageMakerEdge-DeviceManifest'));
  const { Manifest } = resource?.Properties as { Manifest: { 'Fn::Join': [string, unknown[]] } };
  const text = Manifest['Fn::Join'][1]
    .map((part) =>
      typeof part === 'string'
        ? part
        : Object.values(part as object)
            .flat()
            .join('.'),
    )
    .join('');
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the machine', () => {
  test('is a small x86_64 one with the newest Amazon Linux 2023', () => {
    stack.simulated();
    template().hasResourceProperties('AWS::EC2::Instance', { InstanceType: 't3.small' });
    template().hasParameter('*', { Default: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64' });
  });

  test('is arm64 throughout if its type is', () => {
    stack.simulated({ instanceType: new ec2.InstanceType('t4g.small') });
    template().hasResourceProperties('AWS::EC2::Instance', { InstanceType: 't4g.small' });
    template().hasParameter('*', { Default: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64' });
  });

  test('has the given image', () => {
    stack.simulated({ machineImage: ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-1' }, { userData: undefined }) });
    template().hasResourceProperties('AWS::EC2::Instance', { ImageId: Match.objectLike({ 'Fn::FindInMap': Match.anyValue() }) });
  });

  test('answers metadata requests with a token alone, and to no other machine', () => {
    stack.simulated();
    template().hasResourceProperties('AWS::EC2::Instance', { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } });
  });

  test.each([[undefined, 10], [40, 40]])('has an encrypted volume (size %s)', (volumeSize, expected) => {
    stack.simulated({ volumeSize });
    template().hasResourceProperties('AWS::EC2::Instance', {
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: expected, VolumeType: 'gp3' } }],
    });
  });

  test('has no key pair', () => {
    stack.simulated();
    template().hasResourceProperties('AWS::EC2::Instance', { KeyName: Match.absent() });
  });

  test('lets nothing in, and goes out to port 443 alone', () => {
    stack.simulated();
    template().hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' })],
    });
    template().resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('is another one when it plays another device, for user data runs once', () => {
    const machine = (deviceName: string, modelVersion: string): string => {
      const one = new DeviceStack();
      one.simulated({ device: one.device('Camera', true, deviceName), models: [one.model('reader', modelVersion)] });
      return Object.keys(Template.fromStack(one).findResources('AWS::EC2::Instance')).join();
    };
    expect(machine('shop-2', '1.0')).not.toBe(machine('shop-1', '1.0'));
    expect(machine('shop-1', '2.0')).toBe(machine('shop-1', '1.0')); // a model comes by the manifest
  });

  test('goes before the buckets that it writes to are emptied', () => {
    stack.simulated();
    const [instance] = Object.values(template().findResources('AWS::EC2::Instance'));
    expect(instance?.DependsOn).toEqual(
      expect.arrayContaining([logicalId('Custom::S3AutoDeleteObjects'), logicalId('AWS::S3::Bucket', 'Captures')]),
    );
  });
});

describe('the network', () => {
  test('is one public subnet without NAT gateway, if none is given', () => {
    stack.simulated();
    template().resourceCountIs('AWS::EC2::VPC', 1);
    template().resourceCountIs('AWS::EC2::Subnet', 1);
    template().resourceCountIs('AWS::EC2::NatGateway', 0);
    template().hasResourceProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true });
  });

  test('is one for all machines of the stack, if none is given', () => {
    stack.simulated();
    stack.second();
    template().resourceCountIs('AWS::EC2::Instance', 2);
    template().resourceCountIs('AWS::EC2::VPC', 1);
    template().resourceCountIs('AWS::EC2::InternetGateway', 1);
  });

  test('has its way out before the machine starts', () => {
    stack.simulated();
    template().hasResource('AWS::EC2::Instance', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('DeviceNetworkOut')]) });
  });

  test('is the given one, in its private subnets', () => {
    const vpc = new ec2.Vpc(stack, 'Given', { maxAzs: 1 });
    stack.simulated({ vpc });
    template().resourceCountIs('AWS::EC2::VPC', 1);
    template().hasResourceProperties('AWS::EC2::Instance', { SubnetId: stack.resolve(vpc.privateSubnets[0]?.subnetId) as unknown });
  });

  test('is the given one, in its public subnets where it has no other', () => {
    const vpc = new ec2.Vpc(stack, 'Given', {
      maxAzs: 1,
      natGateways: 0,
      subnetConfiguration: [{ name: 'P', subnetType: ec2.SubnetType.PUBLIC }],
    });
    stack.simulated({ vpc });
    template().hasResourceProperties('AWS::EC2::Instance', { SubnetId: stack.resolve(vpc.publicSubnets[0]?.subnetId) as unknown });
  });

  test('is the given subnet', () => {
    const vpc = new ec2.Vpc(stack, 'Given', { maxAzs: 1 });
    stack.simulated({ vpc, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
    template().hasResourceProperties('AWS::EC2::Instance', { SubnetId: stack.resolve(vpc.publicSubnets[0]?.subnetId) as unknown });
  });
});

describe('the manifest', () => {
  test('names the machine, the identity, the agent and the bootstrap', () => {
    stack.simulated();
    expect(manifest()).toMatchObject({
      format: 'cdk-sagemaker-edge/device-1', instanceId: logicalId('AWS::EC2::Instance'), thingName: logicalId('AWS::IoT::Thing'),
      agent: { files: { 'agent.js': expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
      bootstrap: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      identity: { secretArn: `${logicalId('AWS::SecretsManager::Secret')}.Id`, certificateId: `${logicalId('AWS::IoT::Certificate')}.Id` },
      models: [], signingRoots: [],
    });
  });

  test('names the models, those that are added later too', () => {
    stack.simulated({ models: [stack.model('reader')] }).addModel(stack.model('finder', '2.0'));
    expect(manifest().models).toEqual([
      { name: 'reader', version: '1.0', uri: 's3://models/reader.tar.gz', sha256: 'a'.repeat(64) },
      { name: 'finder', version: '2.0', uri: 's3://models/finder.tar.gz', sha256: 'a'.repeat(64) },
    ]);
  });

  test('has the given configuration', () => {
    stack.simulated({
      agentConfig: new AgentConfig({
        captureBufferSize: 99,
        signingRoots: ['-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----'],
      }),
    });
    expect(manifest()).toMatchObject({
      config: { sagemaker_edge_core_capture_data_buffer_size: 99 },
      signingRoots: ['-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----'],
    });
  });

  test('takes the package of a packaging job, whose place and digest are known only later', () => {
    const device = new DeviceFleet(stack, 'Fleet', { deviceFleetName: 'shop' }).addDevice('Door');
    device.addCertificate();
    const packaged = PackagingJob.fromPackagingJobAttributes(stack, 'Package', {
      modelName: 'reader', modelVersion: '1.0', modelArtifactUri: 's3://captures/x.tar.gz', modelArtifactBucket: stack.captureBucket.bucket,
    });
    stack.simulated({ device, models: [packaged] });
    expect(manifest().models).toEqual([{ name: 'reader', version: '1.0', uri: 's3://captures/x.tar.gz' }]);
  });

  test('is written when the machine may do what it says, and has its certificate', () => {
    stack.simulated({ models: [stack.model()] });
    const [resource] = Object.values(template().findResources('Custom::SageMakerEdge-DeviceManifest'));
    expect(resource?.DependsOn).toEqual(
      expect.arrayContaining([
        logicalId('AWS::IAM::Policy', 'SimulatedRoleDefaultPolicy'),
        logicalId('Custom::SageMakerEdge-DeviceCertificate'),
        logicalId('AWS::IoT::ThingPrincipalAttachment'),
        logicalId('AWS::IAM::Policy', 'cdksagemakeredgeDeviceProviderRights'),
      ]),
    );
  });

  test.each([
    [undefined, '900', '1140'],
    [Duration.minutes(55), '3300', '3540'],
  ])('is waited for (%s), and the handler gives up before CloudFormation', (readyTimeout, seconds, serviceTimeout) => {
    stack.simulated({ readyTimeout });
    template().hasResourceProperties('Custom::SageMakerEdge-DeviceManifest', { TimeoutSeconds: seconds, ServiceTimeout: serviceTimeout });
  });

  test('goes through one provider a stack', () => {
    stack.simulated();
    const before = Object.keys(template().findResources('AWS::Lambda::Function')).length;
    stack = new DeviceStack();
    stack.simulated();
    stack.second();
    expect(Object.keys(template().findResources('AWS::Lambda::Function'))).toHaveLength(before);
    template().resourceCountIs('Custom::SageMakerEdge-DeviceManifest', 2);
  });
});

describe('fails when', () => {
  test('the device has no certificate', () => {
    const device = stack.device('Bare', false);
    expect(() => stack.simulated({ device })).toThrow(
      "Demo/Simulated: device 'shop-Bare' must have a certificate whose key is in a secret, got none: call addCertificate() first",
    );
  });

  test('the key is on another machine', () => {
    const camera = stack.device();
    const device = EdgeDevice.fromEdgeDeviceAttributes(stack, 'Import', {
      thing: camera.thing, fleetName: 'shop', roleAlias: camera.roleAlias, captureBucket: stack.captureBucket,
      certificate: DeviceCertificate.fromCertificateArn(stack, 'Certificate', `arn:aws:iot:eu-west-1:000000000000:cert/${'a'.repeat(64)}`),
    });
    expect(() => stack.simulated({ device })).toThrow(
      'must have a certificate whose key is in a secret, got one whose key is on a device already',
    );
  });

  test('a model is for another runtime', () => {
    const model = PackagingJob.fromPackagingJobAttributes(stack, 'Package', {
      modelName: 'reader',
      modelVersion: '1.0',
      modelArtifactUri: 's3://b/x.tar.gz',
      modelArtifactBucket: stack.captureBucket.bucket,
      runtime: ModelRuntime.DLR,
    });
    expect(() => stack.simulated({ models: [model] })).toThrow(
      "model 'reader' must be for ONNX Runtime, which the agent of this library runs, got one for DLR",
    );
  });

  test('two models have one name', () => {
    expect(() => stack.simulated({ models: [stack.model('reader', '1.0'), stack.model('reader', '2.0')] })).toThrow(
      "models must have names of their own, got 'reader' twice",
    );
  });

  test('the volume is too small for the packages of its models', () => {
    const size = jest.spyOn(OnnxModel.prototype, '_packageSize', 'get').mockReturnValue(3 * 1024 ** 3); // nobody writes so many bytes here
    const model = (modelName: string): OnnxModel => new OnnxModel(stack, modelName, {
      model: ModelSource.fromAsset(modelFile('model.onnx', onnxBytes())), modelName, modelVersion: '1.0',
    });
    try {
      const simulated = stack.simulated({ models: [model('reader')] }); // 10 GiB by default
      expect(() => {
        simulated.addModel(model('finder'));
      }).toThrow('Simulated: volumeSize must be at least 12 GiB for models of 6.0 GiB, since each is unpacked beside its package, got 10');
    } finally {
      size.mockRestore();
    }
  });

  test.each([[7], [16_385]])('the volume has %s GiB', (volumeSize) => {
    expect(() => stack.simulated({ volumeSize })).toThrow(`volumeSize must be a whole number from 8 to 16384, got ${volumeSize}`);
  });

  test.each([[Duration.seconds(59), 59], [Duration.hours(1), 3600]])('the stack shall wait %s', (readyTimeout, got) => {
    expect(() => stack.simulated({ readyTimeout })).toThrow(`readyTimeout in seconds must be a whole number from 60 to 3300, got ${got}`);
  });
});
