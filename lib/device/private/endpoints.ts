import { aws_ec2 as ec2, aws_route53 as route53, Fn, type Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CredentialEndpoint } from '../../identity/credential-endpoint';
import { inStack } from '../../private/in-stack';
import { ValidationError } from '../../private/validation';

const { InterfaceVpcEndpointAwsService: services } = ec2;

/** What a device calls besides S3, and what its machine is managed by. EC2 gives their names an address in the VPC. */
const NAMED = {
  Ssm: services.SSM, SsmMessages: services.SSM_MESSAGES, Ec2Messages: services.EC2_MESSAGES, Secrets: services.SECRETS_MANAGER,
} as const;

/** The VPC endpoints of the machines of a stack in one VPC. */
export class DeviceEndpoints extends Construct {
  public static of(scope: Construct, vpc: ec2.IVpc, subnets: ec2.SubnetSelection): DeviceEndpoints {
    return inStack(scope, `cdk-sagemaker-edge.Endpoints${vpc.node.addr}`, (stack, uid) => {
      for (const subnet of vpc.selectSubnets(subnets).subnets) {
        // The type says that it is there, and an import without it leaves it out.
        if ((subnet.routeTable.routeTableId as string | undefined) === undefined) {
          throw new ValidationError(scope, 'vpcEndpoints needs the route tables of the subnets, for the endpoint of S3, got a VPC without them: '
            + `use ec2.Vpc.fromLookup, or give Vpc.fromVpcAttributes the IDs of the route tables (subnet ${subnet.node.path})`);
        }
      }
      return new DeviceEndpoints(stack, uid, vpc, subnets);
    });
  }

  private readonly group: ec2.SecurityGroup;

  private constructor(stack: Stack, id: string, vpc: ec2.IVpc, subnets: ec2.SubnetSelection) {
    super(stack, id);
    this.group = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc, allowAllOutbound: false, description: 'VPC endpoints of devices: HTTPS from the machines',
    });
    new ec2.GatewayVpcEndpoint(this, 'S3', { vpc, service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [subnets] });
    for (const [name, service] of Object.entries(NAMED)) {
      this.add(name, vpc, subnets, service, true);
    }
    this.nameCredentials(this.add('Credentials', vpc, subnets, services.IOT_CORE_CREDENTIALS, false), vpc, stack);
  }

  /** Lets a machine in. */
  public allowFrom(group: ec2.ISecurityGroup): void {
    this.group.addIngressRule(group, ec2.Port.HTTPS, 'a machine that plays a device');
  }

  private add(
    id: string, vpc: ec2.IVpc, subnets: ec2.SubnetSelection, service: ec2.IInterfaceVpcEndpointService, privateDnsEnabled: boolean,
  ): ec2.InterfaceVpcEndpoint {
    return new ec2.InterfaceVpcEndpoint(this, id, {
      vpc, subnets, service, privateDnsEnabled, securityGroups: [this.group], open: false,
    });
  }

  /**
   * EC2 gives the host of the credential provider no address in the VPC by itself: AWS's guide has one make a private hosted zone. This
   * zone is the one host of the account, and leaves every other name of IoT as it is.
   */
  private nameCredentials(endpoint: ec2.InterfaceVpcEndpoint, vpc: ec2.IVpc, stack: Stack): void {
    const { endpointAddress: name } = CredentialEndpoint.forStack(this);
    const zone = new route53.CfnHostedZone(this, 'Zone', { name, vpcs: [{ vpcId: vpc.vpcId, vpcRegion: stack.region }] });
    const [hostedZoneId, dnsName] = [0, 1].map((part) => Fn.select(part, Fn.split(':', Fn.select(0, endpoint.vpcEndpointDnsEntries))));
    new route53.CfnRecordSet(this, 'Record', {
      hostedZoneId: zone.ref, name, type: 'A', aliasTarget: { hostedZoneId: hostedZoneId ?? '', dnsName: dnsName ?? '' },
    });
  }
}
