import { functionKey } from '../../../local/iam/authority';
import { parsePolicy } from '../../../local/iam/policy';
import { fillIn } from '../../../local/iam/role-sessions';
import { roleName } from '../../../local/service/account';

test('the session of a function is known from its ARN and its role, as the emulator makes it', () => {
  expect(functionKey('arn:aws:lambda:us-east-1:000000000000:function:f', 'arn:aws:iam::000000000000:role/r')).toEqual({
    accessKeyId: expect.stringMatching(/^ASIA[0-9A-F]{16}$/) as unknown,
    secretAccessKey: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    sessionToken: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
  });
});

test('another role is another session', () => {
  const [one, other] = ['r', 's'].map((role) => functionKey('arn:f', role));
  expect(one?.accessKeyId).not.toBe(other?.accessKeyId);
});

test('policy variables are filled in wherever they stand, unknown ones stay', () => {
  expect(fillIn('["b/${credentials-iot:ThingName}/*","${credentials-iot:ThingTypeName}"]', { 'credentials-iot:ThingName': 'cam' })).toBe(
    '["b/cam/*","${credentials-iot:ThingTypeName}"]',
  );
});

test('documents are read URL-encoded, as IAM gives them, and plain', () => {
  const text = '{"Statement":{"Effect":"Allow"}}';
  expect(parsePolicy(encodeURIComponent(text))).toEqual({ Statement: [{ Effect: 'Allow' }] });
  expect(parsePolicy(text)).toEqual({ Statement: [{ Effect: 'Allow' }] });
});

test('the name of a role is what follows its path', () => {
  expect(roleName('arn:aws:iam::000000000000:role/devices/own/Camera')).toBe('Camera');
});
