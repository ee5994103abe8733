import { aws_s3 as s3, CfnResource, Lazy, Reference, Stack, Tokenization, type IResolvable } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Whether what a template leaves open is taken at its shortest or at its longest. */
export type Bound = 'least' | 'most';

type Bounds = Readonly<Record<Bound, number>>;

/** What AWS gives to the pseudo parameters of a template, in characters. */
const PSEUDO: Readonly<Record<string, Bounds>> = {
  'AWS::AccountId': { least: 12, most: 12 },
  'AWS::Partition': { least: 3, most: 16 },
  'AWS::Region': { least: 9, most: 25 },
  'AWS::StackId': { least: 80, most: 1024 },
  'AWS::StackName': { least: 1, most: 128 },
  'AWS::URLSuffix': { least: 13, most: 32 },
};
/** What is before the name in the ARN of a resource, at least. */
const ARN_PREFIX: Readonly<Record<string, number>> = {
  'AWS::IAM::Role': 31, 'AWS::IoT::Thing': 41, 'AWS::IoT::ThingGroup': 46, 'AWS::Logs::LogGroup': 48, 'AWS::S3::Bucket': 13,
};
const LONGEST_BUCKET_NAME = 63;
const LONGEST_NAME = 63;
/** Names and ARNs are shorter. */
const LONGEST_TEXT = 1024;

/** Tells how long the texts of a stack are once deployed. */
export class TokenLength {
  private readonly stack: Stack;
  private resourceTypes?: ReadonlyMap<string, string>;

  public constructor(scope: IConstruct, private readonly bound: Bound) {
    this.stack = Stack.of(scope);
  }

  /** The bytes of a text that may have tokens in it. Each token is taken by itself, so that a text which is JSON stays that. */
  public ofText(text: string): number {
    const placeholder = Lazy.any({ produce: () => undefined });
    const fragments = Tokenization.reverseString(text);
    const literal: unknown = fragments.mapTokens({ mapToken: () => placeholder }).join({
      join: (left: unknown, right: unknown) => [left, right].filter((part) => typeof part === 'string').join(''),
    });
    const bytes = typeof literal === 'string' ? Buffer.byteLength(literal) : 0;
    return fragments.tokens.reduce((sum, token) => sum + this.ofToken(token), bytes);
  }

  /** The bytes of the text that a resolved value gives: a literal, or an intrinsic function. */
  public ofResolved(value: unknown): number {
    if (typeof value !== 'object' || value === null) {
      return Buffer.byteLength(String(value));
    }
    const [[name, argument] = ['', undefined]]: [string, unknown][] = Object.entries(value);
    if (name === 'Ref') {
      return PSEUDO[String(argument)]?.[this.bound] ?? this.ofName(String(argument));
    }
    const [first, second]: readonly unknown[] = Array.isArray(argument) ? argument as readonly unknown[] : [];
    if (name === 'Fn::GetAtt' && second === 'Arn' && this.bound === 'least') {
      return this.leastArn(String(first));
    }
    if (name !== 'Fn::Join' || !Array.isArray(second)) {
      return this.bound === 'least' ? 0 : LONGEST_TEXT;
    }
    return second.reduce<number>((sum, part) => sum + this.ofResolved(part), String(first).length * (second.length - 1));
  }

  private ofToken(token: IResolvable): number {
    const isBucket = Reference.isReference(token) && token.displayName === 'Ref' && s3.CfnBucket.isCfnBucket(token.target);
    return isBucket && this.bound === 'most' ? LONGEST_BUCKET_NAME : this.ofResolved(this.stack.resolve(token));
  }

  private ofName(logicalId: string): number {
    return this.bound === 'least' ? this.leastName(logicalId) : LONGEST_TEXT;
  }

  private leastArn(logicalId: string): number {
    this.resourceTypes ??= this.typesById();
    return (ARN_PREFIX[this.resourceTypes.get(logicalId) ?? ''] ?? 0) + this.leastName(logicalId);
  }

  private typesById(): ReadonlyMap<string, string> {
    const resources = this.stack.node.findAll().filter(
      (node) => CfnResource.isCfnResource(node),
    ).filter(({ stack }) => stack === this.stack);
    return new Map(resources.map((resource) => [String(this.stack.resolve(resource.logicalId)), resource.cfnResourceType]));
  }

  /** CloudFormation makes names of the stack's, the logical id and 12 characters. */
  private leastName(logicalId: string): number {
    return Math.min(LONGEST_NAME, this.stack.stackName.length + logicalId.length + 14);
  }
}
