import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from '../../../private/nag/acknowledge';
import { hasListToken, LIST_TOKEN_ADVICE, ValidationError } from '../../../private/validation';

/** Of Locust's master. */
export const MASTER_PORT = 5557;

/** Where the tasks run, and who may reach whom: workers the master, and nobody else anything. */
export class LoadTestNetwork extends Construct {
  public readonly vpc: ec2.IVpc;
  public readonly subnets: readonly string[];
  public readonly assignPublicIp: boolean;
  public readonly master: ec2.SecurityGroup;
  public readonly workers: ec2.SecurityGroup;

  public constructor(scope: Construct, id: string, given: { vpc?: ec2.IVpc; vpcSubnets?: ec2.SubnetSelection }) {
    super(scope, id);
    if (given.vpc === undefined && given.vpcSubnets !== undefined) {
      throw new ValidationError(scope, 'vpcSubnets selects subnets of vpc: give a vpc too');
    }
    const vpc = given.vpc ?? this.makeVpc();
    this.vpc = vpc;
    const selected = vpc.selectSubnets(given.vpcSubnets);
    if (selected.subnetIds.length === 0) {
      throw new ValidationError(scope, 'vpcSubnets must select at least one subnet, got none');
    }
    if (hasListToken(selected.subnetIds)) {
      throw new ValidationError(scope, `the subnets ${LIST_TOKEN_ADVICE}`);
    }
    this.subnets = selected.subnetIds;
    this.assignPublicIp = selected.hasPublic;
    this.master = this.group(vpc, 'Master', 'the master of a load test');
    this.workers = this.group(vpc, 'Workers', 'the workers of a load test');
    this.master.addIngressRule(this.workers, ec2.Port.tcp(MASTER_PORT), 'Locust: workers to the master');
    this.workers.addEgressRule(this.master, ec2.Port.tcp(MASTER_PORT), 'Locust: workers to the master');
  }

  /** Public subnets without NAT: tasks have an address to go out, and no port that is open. A NAT gateway would cost more than the test. */
  private makeVpc(): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false }],
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    acknowledge(vpc, 'AwsSolutions-VPC7', 'the tasks of a load test live for minutes and have no port open: give a VPC of yours for flow logs');
    return vpc;
  }

  private group(vpc: ec2.IVpc, id: string, description: string): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, id, { vpc, description: `cdk-sagemaker-edge: ${description}`, allowAllOutbound: false });
    group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS APIs: S3, SageMaker, ECR, CloudWatch Logs');
    return group;
  }
}
