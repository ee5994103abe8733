import { aws_ec2 as ec2, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';

/** A network that the machine can use once `ready` is there. */
export interface DeviceNetwork {
  readonly vpc: ec2.IVpc;
  readonly ready?: IDependable;
}

/**
 * One public subnet: the machine needs a way out, and a NAT gateway would cost more than the machine. No port is open
 * on its address. Not `ec2.Vpc`, which looks the account's availability zones up at synth: here EC2 chooses one.
 */
export function makeNetwork(scope: Construct): DeviceNetwork {
  const network = new Construct(scope, 'Network');
  const tags = [{ key: 'Name', value: network.node.path }];
  const vpc = new ec2.CfnVPC(network, 'Vpc', { cidrBlock: '10.0.0.0/28', enableDnsHostnames: true, enableDnsSupport: true, tags });
  const gateway = new ec2.CfnInternetGateway(network, 'Gateway', { tags });
  const attachment = new ec2.CfnVPCGatewayAttachment(network, 'Attachment', { vpcId: vpc.ref, internetGatewayId: gateway.ref });
  const subnet = new ec2.CfnSubnet(network, 'Subnet', { vpcId: vpc.ref, cidrBlock: '10.0.0.0/28', mapPublicIpOnLaunch: true, tags });
  const routes = new ec2.CfnRouteTable(network, 'Routes', { vpcId: vpc.ref, tags });
  const out = new ec2.CfnRoute(network, 'Out', { routeTableId: routes.ref, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.ref });
  out.addResourceDependency(attachment);
  new ec2.CfnSubnetRouteTableAssociation(network, 'Association', { subnetId: subnet.ref, routeTableId: routes.ref });
  return {
    vpc: ec2.Vpc.fromVpcAttributes(network, 'Made', {
      vpcId: vpc.ref, availabilityZones: [subnet.attrAvailabilityZone], publicSubnetIds: [subnet.ref], publicSubnetRouteTableIds: [routes.ref],
    }),
    ready: network,
  };
}

/** The newest Amazon Linux 2023, with the kernel that it chooses itself. */
export function amazonLinux(architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
  const cpu = architecture === ec2.InstanceArchitecture.ARM_64 ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64;
  return ec2.MachineImage.fromSsmParameter(`/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${cpu}`, { os: ec2.OperatingSystemType.LINUX });
}

/**
 * What Systems Manager's Run Command and Session Manager need of an instance. The managed policy for this
 * (AmazonSSMManagedInstanceCore) also lets the machine read every parameter of the account, so it is not used.
 */
export function managementRights(scope: Construct): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        actions: ['ssm:UpdateInstanceInformation'],
        // The instance's id is not known before its role is: any instance, but only by itself.
        resources: [Stack.of(scope).formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })],
      }),
      new iam.PolicyStatement({
        actions: [
          'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
          'ec2messages:AcknowledgeMessage', 'ec2messages:DeleteMessage', 'ec2messages:FailMessage', 'ec2messages:GetEndpoint',
          'ec2messages:GetMessages', 'ec2messages:SendReply',
        ],
        resources: ['*'], // these actions have no resources; the services give a machine its own messages alone
      }),
    ],
  });
}
