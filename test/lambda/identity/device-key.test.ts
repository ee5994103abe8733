import { FakeServices, newEvent, SECRET, serviceError, THING } from './fakes';

const PROPERTIES = { SecretArn: SECRET, ThingName: THING };

function stored(services: FakeServices): Record<string, string> {
  return JSON.parse(services.secretString ?? '{}') as Record<string, string>;
}

describe('a device key', () => {
  test('is in the secret with its request before the request is answered', async () => {
    const services = new FakeServices();
    const { started, completed } = await services.run(newEvent('DeviceKey', 'Create', PROPERTIES));
    expect(services.operations()).toEqual(['getSecretValue', 'putSecretValue']);
    expect(stored(services)).toMatchObject({ thingName: THING, privateKeyPem: expect.stringContaining('PRIVATE KEY') as string });
    expect(started).toEqual({ PhysicalResourceId: `DeviceKey ${SECRET}`, Since: 1_000_000 });
    expect(completed).toEqual({ IsComplete: true, Data: { CertificateSigningRequest: stored(services).certificateSigningRequest } });
  });

  test('is made for a secret that was made with an empty text', async () => {
    const services = new FakeServices();
    services.secretString = '';
    await services.run(newEvent('DeviceKey', 'Create', PROPERTIES));
    expect(stored(services).privateKeyPem).toContain('PRIVATE KEY');
  });

  test('is used again by a retry', async () => {
    const services = new FakeServices();
    const first = await services.run(newEvent('DeviceKey', 'Create', PROPERTIES));
    const secret = services.secretString;
    expect(await services.run(newEvent('DeviceKey', 'Create', PROPERTIES))).toEqual(first);
    expect(services.secretString).toBe(secret);
  });

  test('is used again after the answer of the write was lost', async () => {
    const services = new FakeServices();
    services.loseAnswerOnce('putSecretValue');
    await expect(services.run(newEvent('DeviceKey', 'Create', PROPERTIES))).rejects.toThrow('told to fail');
    const secret = services.secretString;
    await services.run(newEvent('DeviceKey', 'Create', PROPERTIES));
    expect(services.secretString).toBe(secret);
  });

  test('of the faster of two writers is used by both', async () => {
    const services = new FakeServices();
    const answers = await Promise.all([
      services.run(newEvent('DeviceKey', 'Create', PROPERTIES)), services.run(newEvent('DeviceKey', 'Create', PROPERTIES)),
    ]);
    expect(answers[0]).toEqual(answers[1]);
    expect(services.versions.size).toBe(1);
  });

  test('stays through an update and its rollback', async () => {
    const services = new FakeServices();
    const first = await services.run(newEvent('DeviceKey', 'Create', PROPERTIES));
    const changed = { ...PROPERTIES, ThingName: 'renamed' };
    expect(await services.run(newEvent('DeviceKey', 'Update', changed, PROPERTIES))).toEqual(first);
    expect(await services.run(newEvent('DeviceKey', 'Update', PROPERTIES, changed))).toEqual(first);
  });

  test('is left to its secret on delete, whatever the id', async () => {
    const services = new FakeServices();
    const { started, completed } = await services.run(newEvent('DeviceKey', 'Delete', PROPERTIES, undefined, 'Demo_DeviceKey_1ABC'));
    expect(started).toMatchObject({ PhysicalResourceId: 'Demo_DeviceKey_1ABC' });
    expect(completed).toEqual({ IsComplete: true });
    expect(services.calls).toEqual([]);
  });

  test.each([
    'not json: hush',
    '{"privateKeyPem":"hush"}',
    '"hush"',
  ])('refuses a secret that holds %j, without a word of it', async (content) => {
    const services = new FakeServices();
    services.secretString = content;
    const failure = await services.run(newEvent('DeviceKey', 'Create', PROPERTIES)).then(() => 'no failure', String);
    expect(failure).toContain('holds something that is not a device');
    expect(failure).not.toContain('hush');
    expect(services.secretString).toBe(content);
  });

  test('fails with what the service says', async () => {
    const services = new FakeServices();
    services.failOnce('getSecretValue', serviceError('InternalServiceError', 'no secretsmanager:GetSecretValue'));
    await expect(services.run(newEvent('DeviceKey', 'Create', PROPERTIES))).rejects.toThrow('secretsmanager:GetSecretValue');
    services.failOnce('putSecretValue', serviceError('InternalServiceError', 'no secretsmanager:PutSecretValue'));
    await expect(services.run(newEvent('DeviceKey', 'Create', PROPERTIES))).rejects.toThrow('secretsmanager:PutSecretValue');
  });

  test('fails when a property is missing', async () => {
    await expect(new FakeServices().run(newEvent('DeviceKey', 'Create', { ThingName: THING }))).rejects.toThrow(
      'property SecretArn must be text, got undefined',
    );
  });
});

describe('the private key', () => {
  test('is in no answer, no log and no error of a whole life', async () => {
    const services = new FakeServices();
    const said: string[] = [];
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
      jest.spyOn(console, level).mockImplementation((...words: unknown[]) => { said.push(JSON.stringify(words)); }));
    const certificate = { CertificateArn: 'arn:aws:iot:us-east-1:0:cert/' + 'c'.repeat(64), CertificateId: 'c'.repeat(64), ...PROPERTIES };
    const answers: unknown[] = [];
    for (const type of ['Create', 'Update', 'Delete'] as const) {
      answers.push(
        await services.run(newEvent('DeviceKey', type, PROPERTIES)),
        await services.run(newEvent('DeviceCertificate', type, certificate)),
      );
    }
    services.failOnce('putSecretValue', serviceError('InternalServiceError', 'the service is ill'));
    services.versions.clear();
    const another = { ...certificate, CertificateId: 'd'.repeat(64) };
    answers.push(await services.run(newEvent('DeviceCertificate', 'Create', another)).catch(String));
    for (const spy of spies) {
      spy.mockRestore();
    }
    const key = (stored(services).privateKeyPem ?? '').split('\n')[1] ?? '';
    expect(key).not.toBe('');
    expect(JSON.stringify([answers, said])).not.toContain(key);
    expect(JSON.stringify(answers)).not.toContain('PRIVATE KEY');
  });
});
