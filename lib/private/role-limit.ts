import { aws_iam as iam, CfnResource, Stack } from 'aws-cdk-lib';

/** What IAM lets the inline policies of a role hold together, in characters without blanks. */
const MOST = 10_240;
/** The least that AWS gives to what a template leaves open. */
const PSEUDO: Readonly<Record<string, number>> = { 'AWS::AccountId': 12, 'AWS::Partition': 3, 'AWS::Region': 9, 'AWS::StackName': 1, 'AWS::URLSuffix': 13, 'AWS::StackId': 80 };
/** What is before the name in the ARN of a resource, at least. */
const ARN_PREFIX: Readonly<Record<string, number>> = { 'AWS::IAM::Role': 31, 'AWS::S3::Bucket': 13, 'AWS::IoT::Thing': 41, 'AWS::IoT::ThingGroup': 46, 'AWS::Logs::LogGroup': 48 };
const LONGEST_NAME = 63;

/**
 * Fails the synthesis where IAM would fail the deployment, half-way: the inline policies of `role` are too large for it. CDK moves into managed policies
 * what outgrows a role's default policy; rights that must outlive their construct are in policies of their own, and these it leaves alone.
 *
 * @param advice what to do about it
 */
export function limitInlinePolicies(role: iam.Role, advice: string): void {
  role.node.addValidation({
    validate: () => {
      const size = new InlinePolicies(role).leastSize();
      return size <= MOST ? [] : [`the inline policies of this role must have at most ${MOST} characters together, which is IAM's limit, got at least ${size}: ${advice}`];
    },
  });
}

/** The inline policies of a role, with the names of things that are not known yet at their shortest: what is too large here, IAM refuses. */
class InlinePolicies {
  private readonly stack: Stack;
  private readonly types: ReadonlyMap<string, string>;
  private readonly resources: readonly CfnResource[];

  public constructor(private readonly role: iam.Role) {
    this.stack = Stack.of(role);
    this.resources = this.stack.node.findAll().filter((node) => CfnResource.isCfnResource(node)).filter(({ stack }) => stack === this.stack);
    this.types = new Map(this.resources.map((resource) => [String(this.stack.resolve(resource.logicalId)), resource.cfnResourceType]));
  }

  public leastSize(): number {
    const self = JSON.stringify(this.stack.resolve(this.role.roleName));
    const sizes = this.resources.filter((resource) => iam.CfnPolicy.isCfnPolicy(resource)).map((policy) => {
      const roles: unknown = this.stack.resolve(policy.roles);
      return Array.isArray(roles) && roles.some((name: unknown) => JSON.stringify(name) === self) ? this.least(this.stack.resolve(policy.policyDocument)) : 0;
    });
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** The length of a resolved value's JSON. */
  private least(value: unknown): number {
    if (Array.isArray(value)) { return value.reduce<number>((sum, item) => sum + this.least(item), value.length + 1); }
    if (typeof value !== 'object' || value === null) { return JSON.stringify(value).length; }
    const entries: [string, unknown][] = Object.entries(value);
    const [[name, argument] = ['', undefined]] = entries;
    if (name === 'Ref' || name.startsWith('Fn::')) { return 2 + this.leastText(name, argument); }
    return entries.reduce((sum, [key, child]) => sum + JSON.stringify(key).length + 1 + this.least(child), entries.length + 1);
  }

  /** The length of what an intrinsic function gives. */
  private leastText(name: string, argument: unknown): number {
    if (name === 'Ref') { return PSEUDO[String(argument)] ?? this.nameLength(String(argument)); }
    if (!Array.isArray(argument)) { return 0; }
    const [first, second]: readonly unknown[] = argument as readonly unknown[];
    if (name === 'Fn::GetAtt' && second === 'Arn') { return (ARN_PREFIX[this.types.get(String(first)) ?? ''] ?? 0) + this.nameLength(String(first)); }
    if (name !== 'Fn::Join' || !Array.isArray(second)) { return 0; }
    return second.reduce<number>((sum, part) => sum + this.least(part) - 2, String(first).length * (second.length - 1)); // without quotes
  }

  /** CloudFormation makes names of the stack's, the logical id and 12 characters. */
  private nameLength(logicalId: string): number {
    return Math.min(LONGEST_NAME, this.stack.stackName.length + logicalId.length + 14);
  }
}
