import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AddTagsCommand, CreateEndpointCommand, CreateEndpointConfigCommand, CreateModelCommand, DeleteEndpointCommand,
  DeleteEndpointConfigCommand, DeleteModelCommand, DeleteTagsCommand, DescribeEndpointCommand, SageMakerClient, UpdateEndpointCommand,
  type CreateEndpointCommandInput, type CreateEndpointConfigCommandInput, type CreateModelCommandInput, type UpdateEndpointCommandInput,
} from '@aws-sdk/client-sagemaker';
import { ignoring, optionalText, tagChanges, text, type Identity, type Outcome, type Properties, type ResourceHandler } from './resource';
import { isRecord } from '../../service/validator';
import { TypedInput, without } from './typed';

const POLL_MS = 200;
const POLLS = 2500; // 500 s and the calls; the function ends after BRIDGE_MINUTES
const MAX_NAME = 63;
const NOT_FOUND = /^Could not find (model|endpoint)/;
/** Of the endpoint, not of a request to make one. */
const OF_UPDATES = ['ExcludeRetainedVariantProperties', 'RetainAllVariantProperties', 'RetainDeploymentConfig'];

/** AWS::SageMaker::Model and ::EndpointConfig: every change but one of tags makes another one. */
abstract class ImmutableHandler implements ResourceHandler {
  protected readonly sageMaker = new SageMakerClient();

  protected constructor(private readonly nameKey: 'ModelName' | 'EndpointConfigName') {}

  public async create(properties: Properties, identity: Identity): Promise<Outcome> {
    const name = optionalText(properties, this.nameKey) ?? generatedName(identity, properties);
    const arn = await this.make({ ...withVariants(properties), [this.nameKey]: name });
    return { physicalId: arn, attributes: { [this.nameKey]: name, Id: arn } };
  }

  public async update(physicalId: string, properties: Properties, old: Properties, identity: Identity): Promise<Outcome> {
    if (JSON.stringify(plain(properties)) !== JSON.stringify(plain(old))) {
      return this.create(properties, identity);
    }
    await retag(this.sageMaker, physicalId, properties, old);
    return { physicalId, attributes: { [this.nameKey]: nameOf(physicalId), Id: physicalId } };
  }

  public async delete(physicalId: string): Promise<void> {
    await ignoring('ValidationException', async () => this.remove(nameOf(physicalId)), NOT_FOUND);
  }

  protected abstract make(properties: Properties): Promise<string>;

  protected abstract remove(name: string): Promise<unknown>;
}

export class ModelHandler extends ImmutableHandler {
  public constructor() {
    super('ModelName');
  }

  protected async make(properties: Properties): Promise<string> {
    const { ModelArn = '' } = await this.sageMaker.send(
      new CreateModelCommand(new TypedInput<CreateModelCommandInput>('SageMaker', 'CreateModel').of(properties)),
    );
    return ModelArn;
  }

  protected async remove(ModelName: string): Promise<unknown> {
    return this.sageMaker.send(new DeleteModelCommand({ ModelName }));
  }
}

export class EndpointConfigHandler extends ImmutableHandler {
  public constructor() {
    super('EndpointConfigName');
  }

  protected async make(properties: Properties): Promise<string> {
    const { EndpointConfigArn = '' } = await this.sageMaker.send(new CreateEndpointConfigCommand(
      new TypedInput<CreateEndpointConfigCommandInput>('SageMaker', 'CreateEndpointConfig').of(properties),
    ));
    return EndpointConfigArn;
  }

  protected async remove(EndpointConfigName: string): Promise<unknown> {
    return this.sageMaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
  }
}

/** AWS::SageMaker::Endpoint: waits until it is InService, and fails with its FailureReason. */
export class EndpointHandler implements ResourceHandler {
  private readonly sageMaker = new SageMakerClient();

  public async create(properties: Properties, identity: Identity): Promise<Outcome> {
    const EndpointName = optionalText(properties, 'EndpointName') ?? generatedName(identity, {});
    const given = { ...without(properties, ...OF_UPDATES), EndpointName, EndpointConfigName: configName(properties) };
    const input = new TypedInput<CreateEndpointCommandInput>('SageMaker', 'CreateEndpoint').of(given);
    const { EndpointArn = '' } = await this.sageMaker.send(new CreateEndpointCommand(input));
    try {
      await this.untilInService(EndpointName, configName(properties));
    } catch (error) {
      await this.delete(EndpointArn); // CloudFormation deletes what it could not finish
      throw error;
    }
    return { physicalId: EndpointArn, attributes: { EndpointName, Id: EndpointArn } };
  }

  public async update(physicalId: string, properties: Properties, old: Properties, identity: Identity): Promise<Outcome> {
    const EndpointName = nameOf(physicalId);
    if ((optionalText(properties, 'EndpointName') ?? EndpointName) !== EndpointName) {
      return this.create(properties, identity);
    }
    if (JSON.stringify(plain(properties)) !== JSON.stringify(plain(old))) {
      const given = { ...without(properties, 'Tags'), EndpointName, EndpointConfigName: configName(properties) };
      await this.sageMaker.send(new UpdateEndpointCommand(new TypedInput<UpdateEndpointCommandInput>('SageMaker', 'UpdateEndpoint').of(given)));
      await this.untilInService(EndpointName, configName(properties));
    }
    await retag(this.sageMaker, physicalId, properties, old);
    return { physicalId, attributes: { EndpointName, Id: physicalId } };
  }

  public async delete(physicalId: string): Promise<void> {
    const EndpointName = nameOf(physicalId);
    await ignoring('ValidationException', async () => {
      await this.sageMaker.send(new DeleteEndpointCommand({ EndpointName }));
      for (let polls = 0; polls < POLLS; polls += 1) { // until it is not found
        await this.sageMaker.send(new DescribeEndpointCommand({ EndpointName }));
        await sleep(POLL_MS);
      }
    }, NOT_FOUND);
  }

  private async untilInService(EndpointName: string, wanted: string): Promise<void> {
    for (let polls = 0; polls < POLLS; polls += 1) {
      const described = await this.sageMaker.send(new DescribeEndpointCommand({ EndpointName }));
      const { EndpointStatus, EndpointConfigName, FailureReason } = described;
      if (EndpointStatus === 'Failed' || (EndpointStatus === 'InService' && EndpointConfigName !== wanted)) {
        throw new Error(`${EndpointName} did not stabilize: ${FailureReason ?? ''}`);
      }
      if (EndpointStatus === 'InService') {
        return;
      }
      await sleep(POLL_MS);
    }
    throw new Error(`${EndpointName} is not InService yet`);
  }
}

/** `Ref` of a configuration is its ARN; the template may give that or the name. */
function configName(properties: Properties): string {
  return nameOf(text(properties, 'EndpointConfigName'));
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Of another resource for other properties, so that a replacement can stand beside what it replaces. */
function generatedName({ stackName, stackId, logicalId }: Identity, properties: Properties): string {
  const hash = createHash('sha256').update(`${stackId}/${logicalId}/${JSON.stringify(plain(properties))}`).digest('hex').slice(0, 12);
  const name = `${stackName}-${logicalId}`.replace(/[^a-zA-Z0-9]+/g, '-').slice(0, MAX_NAME - hash.length - 1);
  return `${name.replace(/-$/, '')}-${hash}`;
}

/** `Ref` of a model is its ARN; the API wants the name, and a template may give either. */
function withVariants(properties: Properties): Properties {
  const { ProductionVariants: given } = properties;
  const variants: unknown[] = Array.isArray(given) ? given : [];
  const named = variants.map((variant) => (isRecord(variant) ? { ...variant, ModelName: nameOf(text(variant, 'ModelName')) } : variant));
  return { ...without(properties), ...given === undefined ? {} : { ProductionVariants: named } };
}

/** All but the tags. */
function plain(properties: Properties): Properties {
  return without(properties, 'Tags');
}

async function retag(sageMaker: SageMakerClient, ResourceArn: string, properties: Properties, old: Properties): Promise<void> {
  const { set, removed } = tagChanges(properties, old);
  if (set.length > 0) {
    await sageMaker.send(new AddTagsCommand({ ResourceArn, Tags: set }));
  }
  if (removed.length > 0) {
    await sageMaker.send(new DeleteTagsCommand({ ResourceArn, TagKeys: removed }));
  }
}
