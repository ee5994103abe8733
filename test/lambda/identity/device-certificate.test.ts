import { CERTIFICATE, CERTIFICATE_ID, CERTIFICATE_PEM, FakeServices, newEvent, NOT_FOUND, SECRET, serviceError, THING } from './fakes';
import { WAITS } from '../functions';

const PROPERTIES = { CertificateArn: CERTIFICATE, CertificateId: CERTIFICATE_ID, ThingName: THING, SecretArn: SECRET };
const KEY = { SecretArn: SECRET, ThingName: THING };

async function withKey(): Promise<FakeServices> {
  const services = new FakeServices();
  await services.run(newEvent('DeviceKey', 'Create', KEY));
  services.calls.length = 0;
  return services;
}

function stored(services: FakeServices): Record<string, string> {
  return JSON.parse(services.secretString ?? '{}') as Record<string, string>;
}

describe('a certificate', () => {
  test('is put beside its key', async () => {
    const services = await withKey();
    const { privateKeyPem } = stored(services);
    const { started, completed } = await services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES));
    expect(stored(services)).toMatchObject({
      thingName: THING, privateKeyPem, certificatePem: CERTIFICATE_PEM, certificateArn: CERTIFICATE, certificateId: CERTIFICATE_ID,
    });
    expect(started).toEqual({ PhysicalResourceId: `DeviceCertificate ${CERTIFICATE_ID}`, Since: 1_000_000 });
    expect(completed).toEqual({ IsComplete: true, Data: { CertificatePem: CERTIFICATE_PEM } });
  });

  test('for a key on the device touches no secret', async () => {
    const services = new FakeServices();
    const { completed } = await services.run(newEvent('DeviceCertificate', 'Create', { ...PROPERTIES, SecretArn: undefined }));
    expect(completed).toMatchObject({ Data: { CertificatePem: CERTIFICATE_PEM } });
    expect(services.operations()).toEqual(['describeCertificate']);
  });

  test('is put there once, however often it is asked', async () => {
    const services = await withKey();
    await services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES));
    await services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES));
    await services.run(newEvent('DeviceCertificate', 'Update', PROPERTIES, PROPERTIES));
    expect(services.operations().filter((operation) => operation === 'putSecretValue')).toHaveLength(1);
  });

  test('is complete after a retry whose first answer was lost', async () => {
    const services = await withKey();
    services.loseAnswerOnce('putSecretValue');
    await expect(services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES))).rejects.toThrow('told to fail');
    await services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES));
    expect(stored(services).certificateId).toBe(CERTIFICATE_ID);
  });

  test('is complete after a retry whose first write failed', async () => {
    const services = await withKey();
    services.failOnce('putSecretValue', serviceError('InternalServiceError'));
    await expect(services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES))).rejects.toThrow('told to fail');
    await services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES));
    expect(stored(services).certificateId).toBe(CERTIFICATE_ID);
  });

  test('that replaces another is put in its place, and back by a rollback, with the same key', async () => {
    const services = await withKey();
    const next = { ...PROPERTIES, CertificateId: 'd'.repeat(64), CertificateArn: CERTIFICATE.replace(/c{64}/, 'd'.repeat(64)) };
    services.certificates.set(next.CertificateId, 'another');
    await services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES));
    const { privateKeyPem } = stored(services);
    const { started } = await services.run(newEvent('DeviceCertificate', 'Update', next, PROPERTIES));
    expect(started).toMatchObject({ PhysicalResourceId: `DeviceCertificate ${next.CertificateId}` });
    expect(stored(services)).toMatchObject({ certificatePem: 'another', privateKeyPem });
    await services.run(newEvent('DeviceCertificate', 'Update', PROPERTIES, next));
    expect(stored(services)).toMatchObject({ certificatePem: CERTIFICATE_PEM, privateKeyPem });
  });

  test('fails when the secret has lost its key', async () => {
    await expect(new FakeServices().run(newEvent('DeviceCertificate', 'Create', PROPERTIES))).rejects.toThrow(
      `secret ${SECRET} has lost the key`,
    );
  });

  test('fails when IoT gives no PEM', async () => {
    const services = await withKey();
    services.certificates.set(CERTIFICATE_ID, '');
    await expect(services.run(newEvent('DeviceCertificate', 'Create', PROPERTIES))).rejects.toThrow(
      `does not give the PEM of certificate ${CERTIFICATE_ID}`,
    );
  });
});

describe('the deletion of a certificate', () => {
  const deletion = newEvent('DeviceCertificate', 'Delete', PROPERTIES);

  test('waits while the thing still holds it, because detaching takes time', async () => {
    const services = new FakeServices();
    services.thing(THING).principals.push('somebody', CERTIFICATE);
    const { started, completed } = await services.run(deletion);
    expect(completed).toEqual(WAITS);
    services.thing(THING).principals.pop();
    expect(await services.handler.handle({ ...deletion, ...started })).toEqual({ IsComplete: true });
  });

  test('says in the log whose certificate goes', async () => {
    const said = jest.spyOn(console, 'log');
    await new FakeServices().run(deletion);
    expect(said.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toContainEqual({
      message: 'a certificate goes: a device that still has it obtains no credentials any more', thing: THING, certificate: CERTIFICATE_ID,
    });
  });

  test('looks at every page of principals', async () => {
    const services = new FakeServices();
    services.pageSize = 1;
    services.thing(THING).principals.push('somebody', 'somebody else', CERTIFICATE);
    expect((await services.run(deletion)).completed).toEqual(WAITS);
    expect(services.operations()).toEqual(['listThingPrincipals', 'listThingPrincipals', 'listThingPrincipals']);
  });

  test('gives up after ten minutes with what to do', async () => {
    const services = new FakeServices();
    services.thing(THING).principals.push(CERTIFICATE);
    const { started } = await services.run(deletion);
    services.time += 10 * 60_000;
    await expect(services.handler.handle({ ...deletion, ...started })).rejects.toThrow(
      /still attached to thing demo-camera .*iot:DetachThingPrincipal/,
    );
  });

  test.each(NOT_FOUND)('is over when the thing is gone ($name)', async (error) => {
    const services = new FakeServices();
    services.failOnce('listThingPrincipals', error);
    expect((await services.run(deletion)).completed).toEqual({ IsComplete: true });
  });

  test('swallows nothing else', async () => {
    const services = new FakeServices();
    services.failOnce('listThingPrincipals', serviceError('InternalFailureException', 'no iot:ListThingPrincipals'));
    await expect(services.run(deletion)).rejects.toThrow('iot:ListThingPrincipals');
  });

  test('does the same for an id that CloudFormation invented, and keeps it', async () => {
    const services = new FakeServices();
    const event = newEvent('DeviceCertificate', 'Delete', PROPERTIES, undefined, 'Demo_Certificate_1ABC');
    const { started, completed } = await services.run(event);
    expect(started).toMatchObject({ PhysicalResourceId: 'Demo_Certificate_1ABC' });
    expect(completed).toEqual({ IsComplete: true });
  });
});
