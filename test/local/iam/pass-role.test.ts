import { settlePassedToService } from '../../../local/iam/pass-role';

const SERVICE = 'sagemaker.amazonaws.com';
const settled = (statement: object): readonly object[] =>
  settlePassedToService({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', ...statement }],
  }, SERVICE).Statement;

test('keeps a statement for the service, without the condition that the simulator does not know', () => {
  expect(settled({ Condition: { StringEquals: { 'iam:PassedToService': SERVICE } } })).toEqual([{
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Condition: {},
  }]);
});

test('drops a statement for another service', () => {
  expect(settled({ Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } })).toEqual([]);
});

test.each([
  ['StringLike', 'sagemaker.*', 1], ['StringLike', 'ec2.*', 0], ['StringEqualsIfExists', SERVICE, 1], ['StringNotEquals', SERVICE, 0],
  ['StringNotEquals', 'ec2.amazonaws.com', 1],
  ['ForAnyValue:StringEquals', SERVICE, 1],
  ['StringEqualsIgnoreCase', 'SageMaker.AmazonAWS.com', 1],
  ['Null', 'true', 0],
  ['Null', 'false', 1],
])('understands %s %s', (operator, value, left) => {
  expect(settled({ Condition: { [operator]: { 'iam:PassedToService': value } } })).toHaveLength(left);
});

test('any one of several services will do', () => {
  expect(settled({ Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', SERVICE] } } })).toHaveLength(1);
});

test('leaves other conditions to the simulator', () => {
  const Condition = { StringEquals: { 'iam:PassedToService': SERVICE, 'aws:RequestedRegion': 'us-east-1' } };
  expect(settled({ Condition })).toMatchObject([{ Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } }]);
});

test('the key is found in any case', () => {
  expect(settled({ Condition: { StringEquals: { 'IAM:passedtoservice': 'ec2.amazonaws.com' } } })).toEqual([]);
});

test('an operator that is not understood never helps: it drops what allows and keeps what denies', () => {
  const Condition = { NumericEquals: { 'iam:PassedToService': '1' } };
  expect(settled({ Condition })).toEqual([]);
  expect(settled({ Effect: 'Deny', Condition })).toHaveLength(1);
});
