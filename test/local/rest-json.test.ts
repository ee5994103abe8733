import * as iot from '@aws-sdk/client-iot';
import { RestOperations } from '../../local/rest-json';

const operations = new RestOperations(iot);
const match = (method: string, url: string, body?: object, headers: Record<string, string> = {}): ReturnType<RestOperations['match']> =>
  operations.match({ method, url, headers, body: Buffer.from(body === undefined ? '' : JSON.stringify(body)) });

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
