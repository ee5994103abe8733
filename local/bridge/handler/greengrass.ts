import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelDeploymentCommand, CreateComponentVersionCommand, CreateDeploymentCommand, DeleteComponentCommand,
  DeleteDeploymentCommand, DescribeComponentCommand,
  GreengrassV2Client, TagResourceCommand, UntagResourceCommand, type CreateDeploymentCommandInput,
} from '@aws-sdk/client-greengrassv2';
import { ignoring, optionalText, record, text, type Outcome, type Properties, type ResourceHandler } from './resource';

const NOT_FOUND = 'ResourceNotFoundException';
const POLL_MS = 200;
const POLLS = 2500; // 500 s and the calls; the function ends after BRIDGE_MINUTES

/** AWS::GreengrassV2::ComponentVersion, as CloudFormation's own handler does it: it waits until the version is deployable. */
export class ComponentVersionHandler implements ResourceHandler {
  private readonly greengrass = new GreengrassV2Client();

  public async create(properties: Properties): Promise<Outcome> {
    const tags = tagMap(properties);
    const { arn = '', componentName = '', componentVersion = '' } = await this.greengrass.send(new CreateComponentVersionCommand({
      inlineRecipe: Buffer.from(text(properties, 'InlineRecipe')), ...(Object.keys(tags).length > 0 ? { tags } : {}),
    }));
    try {
      await this.untilDeployable(arn);
    } catch (error) {
      await this.delete(arn); // CloudFormation deletes what it could not finish
      throw error;
    }
    return { physicalId: arn, attributes: { Arn: arn, ComponentName: componentName, ComponentVersion: componentVersion } };
  }

  public async update(physicalId: string, properties: Properties, old: Properties): Promise<Outcome> {
    if (text(properties, 'InlineRecipe') !== text(old, 'InlineRecipe')) {
      return this.create(properties);
    }
    await retag(this.greengrass, physicalId, properties, old);
    const [, componentName = '', componentVersion = ''] = /:components:([^:]+):versions:([^:]+)$/.exec(physicalId) ?? [];
    return { physicalId, attributes: { Arn: physicalId, ComponentName: componentName, ComponentVersion: componentVersion } };
  }

  public async delete(arn: string): Promise<void> {
    await ignoring(NOT_FOUND, () => this.greengrass.send(new DeleteComponentCommand({ arn })));
  }

  private async untilDeployable(arn: string): Promise<void> {
    for (let polls = 0; polls < POLLS; polls++) {
      const { status } = await this.greengrass.send(new DescribeComponentCommand({ arn }));
      if (status?.componentState === 'DEPLOYABLE') {
        return;
      }
      if (status?.componentState === 'FAILED') {
        throw new Error(`${arn} did not stabilize: ${status.message ?? ''}`);
      }
      await sleep(POLL_MS);
    }
    throw new Error(`${arn} is not deployable yet`);
  }
}

/** AWS::GreengrassV2::Deployment: every change but one of tags is another deployment; the old one is cancelled and deleted afterwards. */
export class DeploymentHandler implements ResourceHandler {
  private readonly greengrass = new GreengrassV2Client();

  public async create(properties: Properties): Promise<Outcome> {
    const tags = tagMap(properties);
    const { deploymentId = '' } = await this.greengrass.send(new CreateDeploymentCommand({
      ...request(properties),
      ...(Object.keys(tags).length > 0 ? { tags } : {}),
    }));
    return { physicalId: deploymentId, attributes: { DeploymentId: deploymentId } };
  }

  public async update(physicalId: string, properties: Properties, old: Properties): Promise<Outcome> {
    if (JSON.stringify(request(properties)) !== JSON.stringify(request(old))) {
      return this.create(properties);
    }
    return { physicalId, attributes: { DeploymentId: physicalId } };
  }

  public async delete(deploymentId: string): Promise<void> {
    await ignoring(NOT_FOUND, async () => {
      await this.greengrass.send(new CancelDeploymentCommand({ deploymentId }));
      await this.greengrass.send(new DeleteDeploymentCommand({ deploymentId }));
    });
  }
}

/** Properties in the API's case, with its numbers: scalars arrive as strings. A wrong key stays wrong, for the service to refuse. */
function request(properties: Properties): CreateDeploymentCommandInput {
  const components = record(properties, 'Components');
  const deploymentName = optionalText(properties, 'DeploymentName');
  return {
    targetArn: text(properties, 'TargetArn'),
    ...(deploymentName === undefined ? {} : { deploymentName }),
    components: Object.fromEntries(Object.keys(components).map((name) => {
      const component = record(components, name);
      return [name, { ...camel(component), componentVersion: optionalText(component, 'ComponentVersion') }];
    })),
    deploymentPolicies: camel(record(properties, 'DeploymentPolicies')),
    iotJobConfiguration: camel(record(properties, 'IotJobConfiguration')),
  };
}

const NUMBERS = /^(.*PerMinute|IncrementFactor|NumberOf.*|TimeoutInSeconds|.*InMinutes|ThresholdPercentage|MinNumber.*|Memory|Cpus)$/;

function camel(value: object): Record<string, unknown>;
function camel(value: unknown): unknown;
function camel(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => camel(item));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]: [string, unknown]) => [
    key.charAt(0).toLowerCase() + key.slice(1),
    NUMBERS.test(key) ? Number(child) : camel(child),
  ]));
}

function tagMap(properties: Properties): Record<string, string> {
  return Object.fromEntries(Object.entries(record(properties, 'Tags')).map(([key, value]) => [key, String(value)]));
}

async function retag(greengrass: GreengrassV2Client, resourceArn: string, properties: Properties, old: Properties): Promise<void> {
  const [tags, before] = [tagMap(properties), tagMap(old)];
  const tagKeys = Object.keys(before).filter((key) => !(key in tags));
  if (Object.keys(tags).length > 0) {
    await greengrass.send(new TagResourceCommand({ resourceArn, tags }));
  }
  if (tagKeys.length > 0) {
    await greengrass.send(new UntagResourceCommand({ resourceArn, tagKeys }));
  }
}
