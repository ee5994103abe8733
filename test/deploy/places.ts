import * as fs from 'node:fs';
import * as path from 'node:path';
import { CloudWatchLogsClient, paginateDescribeLogGroups, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetTemplateCommand, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListBucketsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { paginateDescribeParameters, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import type { TestCloud } from './harness';
import { deliver, firstEvents } from './redelivery';
import { deployedTemplate, StackLife } from './stack-life';

/** Something that can be read, and where. */
export interface Content { readonly place: string; readonly content: string | Buffer }

type Reader = (cloud: TestCloud) => AsyncGenerator<Content>;

/** Wherever a stack of ours could leave something that is read by more than its owner. */
export const PLACES: Readonly<Record<string, Reader>> = {
  template: async function* ({ cloud: { clients: { cloudFormation } } }) {
    const { TemplateBody = '' } = await cloudFormation.send(new GetTemplateCommand({ StackName: 'EdgeSample' }));
    yield { place: 'EdgeSample', content: TemplateBody };
  },
  'events and outputs': async function* (cloud) {
    yield { place: 'outputs', content: JSON.stringify(await cloud.outputs('EdgeSample')) };
    for await (const { StackEvents } of paginateDescribeStackEvents(
      { client: cloud.cloud.clients.cloudFormation },
      { StackName: 'EdgeSample' },
    )) {
      yield { place: 'events', content: JSON.stringify(StackEvents) };
    }
  },
  'logs of functions': async function* ({ cloud: { clients } }) {
    const client = new CloudWatchLogsClient(clients.settings);
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {})) {
      for (const { logGroupName } of logGroups) {
        for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
          yield { place: logGroupName ?? '', content: events.map(({ message = '' }) => message).join('\n') };
        }
      }
    }
    client.destroy();
  },
  'own logs of the local cloud': async function* ({ cloud: { folder } }) {
    for (const name of fs.readdirSync(folder.logs)) {
      yield { place: name, content: fs.readFileSync(path.join(folder.logs, name)) };
    }
    yield { place: 'requests', content: await fs.promises.readFile(folder.requests) };
  },
  // What CloudFormation is told, and keeps: each handler of the identity is asked once more.
  'answers of handlers': async function* (cloud) {
    const life = new StackLife(cloud, 'EdgeSample', 'EdgeSample');
    const types = /^Custom::SageMakerEdge-Device(?:Key|Certificate)$/;
    for (const event of await firstEvents(life, deployedTemplate(cloud, 'EdgeSample'), types)) {
      yield { place: event.LogicalResourceId, content: JSON.stringify(await deliver(cloud, event)) };
    }
  },
  'environments of functions': async function* ({ cloud: { clients: { lambda: client } } }) {
    for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
      for (const configuration of Functions) {
        yield { place: configuration.FunctionName ?? '', content: JSON.stringify(configuration) };
      }
    }
  },
  buckets: async function* ({ cloud: { clients: { s3: client } } }) {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    for (const { Name: Bucket = '' } of Buckets) {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
        for (const { Key = '' } of Contents) {
          const { Body, Metadata } = await client.send(new GetObjectCommand({ Bucket, Key }));
          yield { place: `${Bucket}/${Key}`, content: Buffer.from(await Body?.transformToByteArray() ?? []) };
          yield { place: `${Bucket}/${Key}`, content: JSON.stringify(Metadata ?? {}) };
        }
      }
    }
  },
  // The emulator keeps no user data: what a machine is given is in the template.
  'machines and parameters': async function* ({ cloud: { clients: { settings } } }) {
    const [ec2, client] = [new EC2Client(settings), new SSMClient(settings)];
    yield { place: 'machines', content: JSON.stringify(await ec2.send(new DescribeInstancesCommand({}))) };
    for await (const { Parameters } of paginateDescribeParameters({ client }, {})) {
      yield { place: 'parameters', content: JSON.stringify(Parameters) };
    }
    for await (const { Parameters } of paginateGetParametersByPath({ client }, { Path: '/', Recursive: true })) {
      yield { place: 'parameters', content: JSON.stringify(Parameters) };
    }
    ec2.destroy();
    client.destroy();
  },
};
