import { aws_s3 as s3, Lazy, Reference, Stack, Tokenization, type IResolvable } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The longest values that AWS gives to what a template leaves open. */
const PSEUDO: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12, 'AWS::Partition': 16, 'AWS::Region': 25, 'AWS::StackId': 1024, 'AWS::StackName': 128, 'AWS::URLSuffix': 32,
};
const BUCKET_NAME = 63;
/** Of anything else: names and ARNs are shorter. */
const ANY = 1024;

/** The bytes of `text` once deployed, with each token at its longest. */
export function longestBytes(scope: Construct, text: string): number {
  const placeholder = Lazy.any({ produce: () => undefined });
  const fragments = Tokenization.reverseString(text);
  const literal: unknown = fragments.mapTokens({ mapToken: () => placeholder }).join({
    join: (left: unknown, right: unknown) => [left, right].filter((part) => typeof part === 'string').join(''),
  });
  const bytes = typeof literal === 'string' ? Buffer.byteLength(literal) : 0;
  return fragments.tokens.reduce((sum, token) => sum + longestOf(scope, token), bytes);
}

function longestOf(scope: Construct, token: IResolvable): number {
  if (Reference.isReference(token) && token.displayName === 'Ref' && s3.CfnBucket.isCfnBucket(token.target)) { return BUCKET_NAME; }
  return longestValue(Stack.of(scope).resolve(token));
}

function longestValue(value: unknown): number {
  if (typeof value === 'string') { return Buffer.byteLength(value); }
  if (typeof value !== 'object' || value === null) { return String(value).length; }
  if ('Ref' in value) { return PSEUDO[String(value.Ref)] ?? ANY; }
  if ('Fn::Join' in value && Array.isArray(value['Fn::Join'])) {
    const [separator, parts] = value['Fn::Join'] as unknown[];
    return Array.isArray(parts) ? parts.reduce<number>((sum, part) => sum + longestValue(part) + String(separator).length, 0) : ANY;
  }
  return ANY;
}
