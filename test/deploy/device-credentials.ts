import * as fs from 'node:fs';
import * as https from 'node:https';
import {
  AttachPolicyCommand, AttachThingPrincipalCommand, CreateKeysAndCertificateCommand, CreatePolicyCommand, DescribeEndpointCommand, type IoTClient,
} from '@aws-sdk/client-iot';
import type { Credentials } from '../../local/service/contracts';

export interface DeviceIdentity { readonly arn: string; readonly id: string; readonly pem: string; readonly key: string }

/** A certificate, attached to a thing and to a policy of its own that names an alias. */
export async function makeIdentity(iot: IoTClient, thingName: string, aliasArn: string, policyName: string): Promise<DeviceIdentity> {
  const { certificateArn: arn = '', certificateId: id = '', certificatePem: pem = '', keyPair } = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  await iot.send(new CreatePolicyCommand({
    policyName, policyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iot:AssumeRoleWithCertificate', Resource: aliasArn }] }),
  }));
  await iot.send(new AttachPolicyCommand({ policyName, target: arn }));
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal: arn }));
  return { arn, id, pem, key: keyPair?.PrivateKey ?? '' };
}

export interface CredentialAnswer { readonly status: number; readonly message?: string; readonly credentials?: Credentials; readonly expiration?: string }

/** Asks the credential provider as a device does: mutual TLS, and the thing's name in a header. */
export async function askCredentials(iot: IoTClient, caFile: string, alias: string, identity?: Pick<DeviceIdentity, 'pem' | 'key'>, thingName?: string): Promise<CredentialAnswer> {
  const { endpointAddress = '' } = await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:CredentialProvider' }));
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    https.get(`https://${endpointAddress}/role-aliases/${alias}/credentials`, {
      ca: fs.readFileSync(caFile), agent: false, ...(identity ? { cert: identity.pem, key: identity.key } : {}),
      headers: thingName === undefined ? {} : { 'x-amzn-iot-thingname': thingName },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => { resolve({ status: response.statusCode ?? 0, body: text }); });
    }).on('error', reject);
  });
  const { message, credentials } = JSON.parse(body) as { message?: string; credentials?: Credentials & { expiration: string } };
  if (!credentials) { return { status, ...(message === undefined ? {} : { message }) }; }
  const { expiration, ...keys } = credentials;
  return { status, credentials: keys, expiration };
}
