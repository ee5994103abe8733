import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { ComponentVersionHandler, DeploymentHandler } from './greengrass';
import { AutoDeleteObjectsHandler } from './auto-delete-objects';
import { RepositoryHandler } from './code-commit';
import { DeviceHandler } from './device';
import { DeviceFleetHandler } from './device-fleet';
import { DocumentHandler } from './document';
import { EndpointConfigHandler, EndpointHandler, ModelHandler } from './endpoint';
import { InstanceHandler } from './instance';
import type { Identity, Outcome, ResourceHandler } from './resource';
import { RoleAliasHandler } from './role-alias';
import { ScalableTargetHandler, ScalingPolicyHandler } from './scaling';
import { StateMachineHandler } from './state-machine';
import { STUDIO_HANDLERS } from './studio';
import { SecurityGroupEgressHandler, SecurityGroupIngressHandler } from './security-group-rule';

const FAILED_CREATE = 'LocalBridge:CreateFailed';
const MAKERS: Readonly<Record<string, () => ResourceHandler>> = {
  'Custom::AWS-IoT-RoleAlias': () => new RoleAliasHandler(),
  'Custom::AWS-SageMaker-DeviceFleet': () => new DeviceFleetHandler(),
  'Custom::AWS-SageMaker-Device': () => new DeviceHandler(),
  'Custom::AWS-SageMaker-Model': () => new ModelHandler(),
  'Custom::AWS-SageMaker-EndpointConfig': () => new EndpointConfigHandler(),
  'Custom::AWS-SageMaker-Endpoint': () => new EndpointHandler(),
  'Custom::AWS-ApplicationAutoScaling-ScalableTarget': () => new ScalableTargetHandler(),
  'Custom::AWS-ApplicationAutoScaling-ScalingPolicy': () => new ScalingPolicyHandler(),
  'Custom::AWS-EC2-Instance': () => new InstanceHandler(),
  'Custom::AWS-EC2-SecurityGroupIngress': () => new SecurityGroupIngressHandler(),
  'Custom::AWS-EC2-SecurityGroupEgress': () => new SecurityGroupEgressHandler(),
  'Custom::AWS-SSM-Document': () => new DocumentHandler(),
  'Custom::AWS-GreengrassV2-ComponentVersion': () => new ComponentVersionHandler(),
  'Custom::AWS-GreengrassV2-Deployment': () => new DeploymentHandler(),
  'Custom::AWS-CodeCommit-Repository': () => new RepositoryHandler(),
  'Custom::AWS-StepFunctions-StateMachine': () => new StateMachineHandler(),
  ...STUDIO_HANDLERS,
  'Custom::S3AutoDeleteObjects': () => new AutoDeleteObjectsHandler(),
};

/** Called by CloudFormation directly, so the answer must be sent whatever happens. */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const known = event.RequestType === 'Create' ? FAILED_CREATE : event.PhysicalResourceId;
  try {
    const { physicalId, attributes } = await handle(event);
    await answer(event, { Status: 'SUCCESS', PhysicalResourceId: physicalId, Data: attributes ?? {} });
  } catch (error) {
    console.error(error);
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    await answer(event, { Status: 'FAILED', PhysicalResourceId: known, Reason: reason.slice(0, 1000) });
  }
}

async function handle(event: CloudFormationCustomResourceEvent): Promise<Outcome> {
  const { ResourceType, ResourceProperties: properties, StackId: stackId, LogicalResourceId: logicalId } = event;
  const resource = MAKERS[ResourceType]?.();
  if (!resource) {
    throw new Error(`the bridge does not know the resource type ${ResourceType}`);
  }
  const identity: Identity = { stackId, stackName: stackId.split('/')[1] ?? 'stack', logicalId };
  switch (event.RequestType) {
    case 'Create': return resource.create(properties, identity);
    case 'Update': return resource.update(event.PhysicalResourceId, properties, event.OldResourceProperties, identity);
    case 'Delete':
      if (event.PhysicalResourceId !== FAILED_CREATE) {
        await resource.delete(event.PhysicalResourceId, properties);
      }
      return { physicalId: event.PhysicalResourceId };
  }
}

async function answer(event: CloudFormationCustomResourceEvent, result: object): Promise<void> {
  const body = JSON.stringify({
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    ...result,
  });
  const response = await fetch(event.ResponseURL, { method: 'PUT', body });
  if (!response.ok) {
    throw new Error(`CloudFormation did not take the answer: HTTP ${response.status}`);
  }
}
