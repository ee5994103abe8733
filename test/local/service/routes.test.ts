import { MODELS } from '../../../local/service/model';
import { Routes } from '../../../local/service/routes';

const routes = new Routes(MODELS.IoT);
const match = (method: string, url: string, body?: object, headers: Record<string, string> = {}): ReturnType<Routes['match']> => routes.match({ method, url, headers, body });

test('names the operation and takes labels from the path and the rest from the body', () => {
  expect(match('POST', '/role-aliases/Sage%40Maker', { roleArn: 'arn' })).toEqual({ operation: 'CreateRoleAlias', input: { roleAlias: 'Sage@Maker', roleArn: 'arn' } });
});

test('takes members from headers', () => {
  expect(match('PUT', '/things/camera/principals', undefined, { 'x-amzn-principal': 'arn:cert' })).toEqual({
    operation: 'AttachThingPrincipal', input: { thingName: 'camera', principal: 'arn:cert' },
  });
});

test('takes members from the query, numbers and booleans as such', () => {
  expect(match('GET', '/role-aliases?pageSize=10&isAscendingOrder=true')).toEqual({ operation: 'ListRoleAliases', input: { pageSize: 10, ascendingOrder: true } });
});

test('prefers a literal path to a label', () => {
  expect(match('GET', '/endpoint?endpointType=iot%3ACredentialProvider')).toEqual({ operation: 'DescribeEndpoint', input: { endpointType: 'iot:CredentialProvider' } });
});

test('tells operations of one path apart by the method', () => {
  expect(['POST', 'GET', 'PATCH', 'DELETE'].map((method) => match(method, '/things/camera')?.operation)).toEqual(['CreateThing', 'DescribeThing', 'UpdateThing', 'DeleteThing']);
});

test('knows nothing of a path that is no operation', () => {
  expect(match('GET', '/nothing/of/the/kind')).toBeUndefined();
});

test('takes a list from a query that names it more than once', () => {
  const arn = 'arn:aws:greengrass:us-east-1:000000000000:components:app';
  expect(new Routes(MODELS.GreengrassV2).match({ method: 'DELETE', url: `/tags/${encodeURIComponent(arn)}?tagKeys=a&tagKeys=b`, headers: {}, body: undefined })).toEqual({
    operation: 'UntagResource', input: { resourceArn: arn, tagKeys: ['a', 'b'] },
  });
});

test('names an operation that nobody here uses, with what its path and body hold', () => {
  expect(match('PUT', '/billing-groups/addThingToBillingGroup', { thingName: 'camera' })).toEqual({ operation: 'AddThingToBillingGroup', input: { thingName: 'camera' } });
  expect(match('DELETE', '/billing-groups/team')).toEqual({ operation: 'DeleteBillingGroup', input: { billingGroupName: 'team' } });
});
