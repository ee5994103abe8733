import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateStackCommand, DeleteStackCommand, DescribeStackEventsCommand, DescribeStackResourcesCommand, DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ACCOUNT, REGION } from '../../local/service/account';
import type { TestCloud } from './harness';

const Capabilities: ('CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM')[] = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'];

type Properties = Readonly<Record<string, unknown>>;

/** A template as `cdk deploy` wrote it. */
export interface DeployedTemplate {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
}

/** The template of a stack that was deployed once, which uploads its assets. */
export function deployedTemplate({ cloud: { folder } }: TestCloud, stack: string): DeployedTemplate {
  return JSON.parse(fs.readFileSync(path.join(`${folder.cdkOut}-deploy`, `${stack}.template.json`), 'utf8')) as DeployedTemplate;
}

/** The template with other properties of the resources whose logical id begins so. */
export function changed(template: DeployedTemplate, logicalId: string, change: (properties: Properties) => Properties): DeployedTemplate {
  return { ...template, Resources: Object.fromEntries(Object.entries(template.Resources).map(([id, resource]) =>
    [id, id.startsWith(logicalId) ? { ...resource, Properties: change(resource.Properties ?? {}) } : resource])) };
}

/** The template without the resources whose logical id begins so. */
export function without(template: DeployedTemplate, logicalId: string): DeployedTemplate {
  return { ...template, Resources: Object.fromEntries(Object.entries(template.Resources).filter(([id]) => !id.startsWith(logicalId))) };
}

/** A stack by calls to CloudFormation, without the CLI: quick, and in steps that the CLI has no word for. */
export class StackLife {
  public constructor(private readonly cloud: TestCloud, private readonly name: string, private readonly original: string) {}

  public async create(template: DeployedTemplate): Promise<string> {
    await this.begin(template);
    return this.settle();
  }

  /** Begins to create it, and does not wait. */
  public async begin(template: DeployedTemplate): Promise<void> {
    await this.api.send(new CreateStackCommand({ StackName: this.name, TemplateURL: await this.upload(template), Capabilities }));
  }

  public async update(template: DeployedTemplate): Promise<string> {
    await this.api.send(new UpdateStackCommand({ StackName: this.name, TemplateURL: await this.upload(template), Capabilities }));
    return this.settle();
  }

  public async delete(): Promise<string> {
    await this.api.send(new DeleteStackCommand({ StackName: this.name }));
    return this.settle();
  }

  /** What failed, in the words that a user sees. */
  public async reasons(): Promise<string> {
    const { StackEvents = [] } = await this.api.send(new DescribeStackEventsCommand({ StackName: this.name }));
    return StackEvents.filter(
      ({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'),
    ).map(({ ResourceStatusReason }) => ResourceStatusReason).join('\n');
  }

  /** The physical id of the resource of this type whose logical id begins so. */
  public async physicalId(logicalId: string): Promise<string> {
    const { StackResources = [] } = await this.api.send(new DescribeStackResourcesCommand({ StackName: this.name }));
    const found = StackResources.find(
      (resource) => resource.ResourceType?.startsWith('Custom::') && resource.LogicalResourceId?.startsWith(logicalId),
    );
    return found?.PhysicalResourceId ?? '';
  }

  /** The physical id of each resource, by its logical id. */
  public async physicalIds(): Promise<ReadonlyMap<string, string>> {
    const { StackResources = [] } = await this.api.send(new DescribeStackResourcesCommand({ StackName: this.name }));
    return new Map(StackResources.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [LogicalResourceId, PhysicalResourceId]));
  }

  public async stackId(): Promise<string> {
    const { Stacks: [stack] = [] } = await this.api.send(new DescribeStacksCommand({ StackName: this.name }));
    return stack?.StackId ?? '';
  }

  private get api() { return this.cloud.cloud.clients.cloudFormation; }

  /** A request takes 51,200 characters at most, so the CLI puts templates into the bootstrap's bucket; this does, too. */
  private async upload(template: DeployedTemplate): Promise<string> {
    const [Bucket, Key] = [`cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`, `stack-life/${this.name}.json`];
    await this.cloud.cloud.clients.s3.send(new PutObjectCommand({
      Bucket,
      Key,
      Body: JSON.stringify(template).replaceAll(this.original, this.name),
    }));
    return `https://s3.${REGION}.amazonaws.com/${Bucket}/${Key}`;
  }

  private async settle(): Promise<string> {
    for (;;) {
      const status = await this.status();
      if (!status.endsWith('_IN_PROGRESS')) {
        return status;
      }
      await pause(200);
    }
  }

  private async status(): Promise<string> {
    try {
      const { Stacks: [stack] = [] } = await this.api.send(new DescribeStacksCommand({ StackName: this.name }));
      return stack?.StackStatus ?? 'DELETE_COMPLETE';
    } catch (error) {
      if (error instanceof Error && error.message.includes('does not exist')) {
        return 'DELETE_COMPLETE';
      }
      throw error;
    }
  }
}
