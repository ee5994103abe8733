import { createHash } from 'node:crypto';
import {
  CreateStateMachineCommand, DeleteStateMachineCommand, DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { withActivities } from '../../states/definition';
import { ignoring, optionalText, tags, text, type Identity, type Outcome, type Properties, type ResourceHandler } from './resource';

const MAX_NAME = 80;

/** AWS::StepFunctions::StateMachine with tasks that the emulator cannot do: they become tasks of the local cloud's worker. */
export class StateMachineHandler implements ResourceHandler {
  private readonly stepFunctions = new SFNClient();

  public async create(properties: Properties, identity: Identity): Promise<Outcome> {
    const { stateMachineArn = '' } = await this.stepFunctions.send(new CreateStateMachineCommand({
      name: nameOf(properties, identity),
      definition: withActivities(text(properties, 'DefinitionString')),
      roleArn: text(properties, 'RoleArn'),
      tags: tags(properties).map(({ Key: key, Value: value }) => ({ key, value })),
    }));
    return this.found(stateMachineArn);
  }

  public async update(physicalId: string, properties: Properties, _old: Properties, identity: Identity): Promise<Outcome> {
    const { name } = await this.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn: physicalId }));
    if (name !== nameOf(properties, identity)) {
      return this.create(properties, identity);
    }
    await this.stepFunctions.send(new UpdateStateMachineCommand({
      stateMachineArn: physicalId, definition: withActivities(text(properties, 'DefinitionString')), roleArn: text(properties, 'RoleArn'),
    }));
    return this.found(physicalId);
  }

  public async delete(physicalId: string): Promise<void> {
    await ignoring('StateMachineDoesNotExist', () => this.stepFunctions.send(new DeleteStateMachineCommand({ stateMachineArn: physicalId })));
  }

  private async found(stateMachineArn: string): Promise<Outcome> {
    const { name = '', revisionId = '' } = await this.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
    return { physicalId: stateMachineArn, attributes: { Arn: stateMachineArn, Name: name, StateMachineRevisionId: revisionId } };
  }
}

function nameOf(properties: Properties, { logicalId, stackId, stackName }: Identity): string {
  const hash = createHash('sha256').update(`${stackId}/${logicalId}`).digest('hex').slice(0, 12);
  return optionalText(properties, 'StateMachineName') ?? `${`${logicalId}-${stackName}`.slice(0, MAX_NAME - 13)}-${hash}`;
}
