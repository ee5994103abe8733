import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { ACCOUNT, REGION } from '../../local/service/account';
import { resolve } from '../lambda/cloudformation/template';
import type { TestCloud } from './harness';
import type { DeployedTemplate, StackLife } from './stack-life';

export interface FirstEvent {
  readonly LogicalResourceId: string;
  readonly ResourceProperties: { readonly ServiceToken: string };
  readonly [name: string]: unknown;
}

/** The ARNs of the resources to which the properties of custom resources refer, by their type and physical id. */
const ARNS: Readonly<Record<string, (id: string) => string>> = {
  'AWS::IAM::Role': (id) => `arn:aws:iam::${ACCOUNT}:role/${id}`,
  'AWS::IoT::Certificate': (id) => `arn:aws:iot:${REGION}:${ACCOUNT}:cert/${id}`,
  'AWS::Lambda::Function': (id) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${id}`,
};

/** The events by which CloudFormation asked for the resources of a stack of these types, as far as a handler reads them. */
export async function firstEvents(life: StackLife, template: DeployedTemplate, types: RegExp): Promise<FirstEvent[]> {
  const [StackId, ids] = [await life.stackId(), await life.physicalIds()];
  const text = JSON.stringify(template).replaceAll('${AWS::AccountId}', ACCOUNT).replaceAll('${AWS::Region}', REGION);
  const { Resources: resources } = JSON.parse(text) as DeployedTemplate;
  const idOf = (name: string): string => ids.get(name) ?? name;
  const values = {
    ref: idOf,
    attribute: (logicalId: string, name: string) => {
      const arn = ARNS[resources[logicalId]?.Type ?? ''];
      return name === 'Arn' && arn !== undefined ? arn(idOf(logicalId)) : idOf(logicalId); // the others are ids
    },
  };
  return Object.entries(resources).filter(([, { Type }]) => types.test(Type)).map(([LogicalResourceId, resource]) => ({
    RequestType: 'Create', RequestId: `again-${LogicalResourceId}`, StackId, LogicalResourceId, ResourceType: resource.Type,
    ResourceProperties: resolve(resource.Properties, values) as FirstEvent['ResourceProperties'],
  }));
}

/** Delivers an event once more, as Lambda itself does it. What comes back is what CloudFormation is told. */
export async function deliver({ cloud: { clients: { lambda } } }: TestCloud, event: FirstEvent): Promise<unknown> {
  let answered: (body: string) => void = () => undefined;
  const answer = new Promise<string>((given) => {
    answered = given;
  });
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      response.end();
      answered(body);
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  try {
    const { port } = server.address() as AddressInfo;
    await lambda.send(new InvokeCommand({
      FunctionName: event.ResourceProperties.ServiceToken, InvocationType: 'Event',
      Payload: JSON.stringify({ ...event, ResponseURL: `http://127.0.0.1:${port}/answer` }),
    }));
    return JSON.parse(await answer) as unknown;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
