import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { inStack } from '../../private/in-stack';
import { acknowledge } from '../../private/nag/acknowledge';

/** 251 addresses: a stack cannot hold as many machines. */
const ADDRESSES = '10.0.0.0/24';

/**
 * The network of all machines of a stack that are given none: an account has 5 VPCs by default
 * (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html), and a stack 500 resources.
 *
 * It is one public subnet. A machine needs a way out, and a NAT gateway would cost more than the machine. No port is open on its address.
 * `ec2.Vpc` is not used, because it looks up the availability zones of the account at synth. Here EC2 chooses one.
 */
export class DeviceNetwork extends Construct {
  /** The one of the stack. A machine in it depends on it. */
  public static of(scope: IConstruct): DeviceNetwork {
    return inStack(scope, 'cdk-sagemaker-edge.DeviceNetwork', (stack, uid) => new DeviceNetwork(stack, uid));
  }

  public readonly vpc: ec2.IVpc;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    const tags = [{ key: 'Name', value: this.node.path }];
    const vpc = new ec2.CfnVPC(this, 'Vpc', { cidrBlock: ADDRESSES, enableDnsHostnames: true, enableDnsSupport: true, tags });
    acknowledge(vpc, 'AwsSolutions-VPC7', 'a network of machines on which no port is open: give the machines a VPC of yours that has flow logs');
    const gateway = new ec2.CfnInternetGateway(this, 'Gateway', { tags });
    const attachment = new ec2.CfnVPCGatewayAttachment(this, 'Attachment', { vpcId: vpc.ref, internetGatewayId: gateway.ref });
    const subnet = new ec2.CfnSubnet(this, 'Subnet', { vpcId: vpc.ref, cidrBlock: ADDRESSES, mapPublicIpOnLaunch: true, tags });
    const routes = new ec2.CfnRouteTable(this, 'Routes', { vpcId: vpc.ref, tags });
    const out = new ec2.CfnRoute(this, 'Out', {
      routeTableId: routes.ref, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.ref,
    });
    out.node.addDependency(attachment);
    new ec2.CfnSubnetRouteTableAssociation(this, 'Association', { subnetId: subnet.ref, routeTableId: routes.ref });
    this.vpc = ec2.Vpc.fromVpcAttributes(this, 'Made', {
      vpcId: vpc.ref,
      availabilityZones: [subnet.attrAvailabilityZone],
      publicSubnetIds: [subnet.ref],
      publicSubnetRouteTableIds: [routes.ref],
    });
  }
}
