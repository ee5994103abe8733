import {
  DescribeCertificateCommand, DescribeEndpointCommand, DescribeThingCommand, IoTClient, ListThingPrincipalsCommand, UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { customResources } from '../shared/function';
import { handle } from '../shared/handle';
import type { Phase } from '../shared/lifecycle';
import type { Dependencies } from './dependencies';
import { LIMITS } from './limits';
import { RESOURCES } from './resources';

const options = { maxAttempts: 12 }; // rides out a minute of throttling, within a phase's two
const iot = new IoTClient(options);
const secrets = new SecretsManagerClient(options);

function dependencies({ signal: abortSignal }: Phase): Dependencies {
  const call = { abortSignal };
  return {
    iot: {
      describeThing: (input) => iot.send(new DescribeThingCommand(input), call),
      updateThing: (input) => iot.send(new UpdateThingCommand(input), call),
      describeCertificate: (input) => iot.send(new DescribeCertificateCommand(input), call),
      listThingPrincipals: (input) => iot.send(new ListThingPrincipalsCommand(input), call),
      describeEndpoint: (input) => iot.send(new DescribeEndpointCommand(input), call),
    },
    secrets: {
      getSecretValue: (input) => secrets.send(new GetSecretValueCommand(input), call),
      putSecretValue: (input) => secrets.send(new PutSecretValueCommand(input), call),
    },
    now: () => Date.now(),
  };
}

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, dependencies(phase), event));
