import { parsePolicy } from '../../../local/iam/policy';
import { trusts } from '../../../local/iam/trust';

const CONTEXT = { service: 'sagemaker.amazonaws.com', account: '000000000000', region: 'us-east-1', partition: 'aws' };
const trusted = (...statements: object[]): boolean => trusts(parsePolicy(JSON.stringify({ Statement: statements })), CONTEXT);
const allow = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['sagemaker.amazonaws.com', 'ec2.amazonaws.com'] } };

test('a role that names the service is trusted', () => {
  expect(trusted(allow)).toBe(true);
});

test.each([
  ['names another service', { ...allow, Principal: { Service: 'ec2.amazonaws.com' } }],
  ['names an account', { ...allow, Principal: { AWS: 'arn:aws:iam::000000000000:root' } }],
  ['allows another action', { ...allow, Action: 'sts:TagSession' }],
  ['asks for another account', { ...allow, Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } }],
  ['asks for another region', { ...allow, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sagemaker:eu-west-1:000000000000:*' } } }],
  ['asks for what is not known', { ...allow, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }],
])('not one that %s', (_, statement) => {
  expect(trusted(statement)).toBe(false);
});

test('a guard against the confused deputy of this account and region holds', () => {
  expect(trusted({
    ...allow,
    Condition: {
      StringEquals: { 'aws:SourceAccount': '000000000000' },
      ArnLike: { 'aws:SourceArn': 'arn:aws:sagemaker:us-east-1:000000000000:compilation-job/demo-*' },
    },
  })).toBe(true);
});

test('a denial wins', () => {
  expect(trusted(allow, { ...allow, Effect: 'Deny' })).toBe(false);
});
