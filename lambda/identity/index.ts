import {
  DescribeCertificateCommand, DescribeEndpointCommand, DescribeThingCommand, IoTClient, ListThingPrincipalsCommand, UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { log } from '../shared/log';
import type { Answer, Event } from './events';
import { IdentityHandler } from './handler';

const options = { maxAttempts: 12 }; // rides out a minute of throttling, within the function's two
const iot = new IoTClient(options);
const secrets = new SecretsManagerClient(options);

const identity = new IdentityHandler({
  iot: {
    describeThing: (input) => iot.send(new DescribeThingCommand(input)),
    updateThing: (input) => iot.send(new UpdateThingCommand(input)),
    describeCertificate: (input) => iot.send(new DescribeCertificateCommand(input)),
    listThingPrincipals: (input) => iot.send(new ListThingPrincipalsCommand(input)),
    describeEndpoint: (input) => iot.send(new DescribeEndpointCommand(input)),
  },
  secrets: {
    getSecretValue: (input) => secrets.send(new GetSecretValueCommand(input)),
    putSecretValue: (input) => secrets.send(new PutSecretValueCommand(input)),
  },
});

export async function handler(event: Event): Promise<Answer> {
  log('identity', { request: event.RequestType, type: event.ResourceType, logicalId: event.LogicalResourceId });
  return identity.handle(event);
}
