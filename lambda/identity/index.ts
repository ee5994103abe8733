import {
  DescribeCertificateCommand, DescribeEndpointCommand, DescribeThingCommand, IoTClient, ListThingPrincipalsCommand, UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { IsCompleteResult, Started } from '../shared/events';
import { handle } from '../shared/handle';
import type { Dependencies } from './dependencies';
import { RESOURCES } from './resources';

const options = { maxAttempts: 12 }; // rides out a minute of throttling, within the function's two
const iot = new IoTClient(options);
const secrets = new SecretsManagerClient(options);

const dependencies: Dependencies = {
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
  now: () => Date.now(),
};

export function handler(event: unknown): Promise<Started | IsCompleteResult> {
  return handle(RESOURCES, dependencies, event);
}
