import type {
  CancelDeploymentCommandInput, CreateDeploymentCommandInput, CreateDeploymentCommandOutput, DeleteComponentCommandInput,
  DeleteCoreDeviceCommandInput, DeleteDeploymentCommandInput, DescribeComponentCommandInput, DescribeComponentCommandOutput,
  GetCoreDeviceCommandInput, GetCoreDeviceCommandOutput,
  GetDeploymentCommandInput, GetDeploymentCommandOutput,
  ListDeploymentsCommandInput, ListDeploymentsCommandOutput, ListEffectiveDeploymentsCommandInput,
  ListEffectiveDeploymentsCommandOutput, TagResourceCommandInput,
} from '@aws-sdk/client-greengrassv2';
import type {
  AddThingToThingGroupCommandInput, ListThingGroupsForThingCommandInput, ListThingGroupsForThingCommandOutput,
  ListThingsInThingGroupCommandInput,
  ListThingsInThingGroupCommandOutput, RemoveThingFromThingGroupCommandInput,
} from '@aws-sdk/client-iot';
import type { CopyObjectCommandInput, DeleteObjectCommandInput } from '@aws-sdk/client-s3';
import type { Clock } from '../shared/resource-handler';

/** Just the calls of Greengrass that are made. */
export interface GreengrassCalls {
  describeComponent(input: DescribeComponentCommandInput): Promise<Pick<DescribeComponentCommandOutput, 'status' | 'tags'>>;
  deleteComponent(input: DeleteComponentCommandInput): Promise<unknown>;
  tagResource(input: TagResourceCommandInput): Promise<unknown>;
  getDeployment(input: GetDeploymentCommandInput): Promise<Partial<GetDeploymentCommandOutput>>;
  createDeployment(input: CreateDeploymentCommandInput): Promise<Pick<CreateDeploymentCommandOutput, 'deploymentId'>>;
  cancelDeployment(input: CancelDeploymentCommandInput): Promise<unknown>;
  deleteDeployment(input: DeleteDeploymentCommandInput): Promise<unknown>;
  listDeployments(input: ListDeploymentsCommandInput): Promise<Pick<ListDeploymentsCommandOutput, 'deployments' | 'nextToken'>>;
  listEffectiveDeployments(
    input: ListEffectiveDeploymentsCommandInput,
  ): Promise<Pick<ListEffectiveDeploymentsCommandOutput, 'effectiveDeployments' | 'nextToken'>>;
  getCoreDevice(input: GetCoreDeviceCommandInput): Promise<Pick<GetCoreDeviceCommandOutput, 'status' | 'lastStatusUpdateTimestamp'>>;
  deleteCoreDevice(input: DeleteCoreDeviceCommandInput): Promise<unknown>;
}

/** Just the calls of IoT that are made. */
export interface IotCalls {
  addThingToThingGroup(input: AddThingToThingGroupCommandInput): Promise<unknown>;
  removeThingFromThingGroup(input: RemoveThingFromThingGroupCommandInput): Promise<unknown>;
  listThingGroupsForThing(input: ListThingGroupsForThingCommandInput): Promise<Pick<ListThingGroupsForThingCommandOutput, 'thingGroups'>>;
  listThingsInThingGroup(
    input: ListThingsInThingGroupCommandInput,
  ): Promise<Pick<ListThingsInThingGroupCommandOutput, 'things' | 'nextToken'>>;
}

/** Just the calls of S3 that are made. */
export interface ObjectCalls {
  copyObject(input: CopyObjectCommandInput): Promise<unknown>;
  deleteObject(input: DeleteObjectCommandInput): Promise<unknown>;
}

/** What the handlers depend on. */
export interface Dependencies extends Clock {
  readonly greengrass: GreengrassCalls;
  readonly iot: IotCalls;
  readonly objects: ObjectCalls;
}
