import {
  CancelDeploymentCommand, CreateDeploymentCommand, DeleteComponentCommand, DeleteCoreDeviceCommand,
  DeleteDeploymentCommand, DescribeComponentCommand,
  GetCoreDeviceCommand, GetDeploymentCommand, GreengrassV2Client, ListDeploymentsCommand, ListEffectiveDeploymentsCommand,
  TagResourceCommand,
} from '@aws-sdk/client-greengrassv2';
import {
  AddThingToThingGroupCommand, IoTClient, ListThingGroupsForThingCommand, ListThingsInThingGroupCommand, RemoveThingFromThingGroupCommand,
} from '@aws-sdk/client-iot';
import { CopyObjectCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { IsCompleteResult, Started } from '../shared/events';
import { handle } from '../shared/handle';
import type { Dependencies } from './dependencies';
import { JOIN_MS } from './membership';
import { RESOURCES } from './resources';

const options = { maxAttempts: 12 }; // rides out a minute of throttling
const greengrass = new GreengrassV2Client(options);
const iot = new IoTClient(options);
const s3 = new S3Client(options);

const dependencies: Dependencies = {
  greengrass: {
    describeComponent: (input) => greengrass.send(new DescribeComponentCommand(input)),
    deleteComponent: (input) => greengrass.send(new DeleteComponentCommand(input)),
    tagResource: (input) => greengrass.send(new TagResourceCommand(input)),
    getDeployment: (input) => greengrass.send(new GetDeploymentCommand(input)),
    createDeployment: (input) => greengrass.send(new CreateDeploymentCommand(input)),
    cancelDeployment: (input) => greengrass.send(new CancelDeploymentCommand(input)),
    deleteDeployment: (input) => greengrass.send(new DeleteDeploymentCommand(input)),
    listDeployments: (input) => greengrass.send(new ListDeploymentsCommand(input)),
    listEffectiveDeployments: (input) => greengrass.send(new ListEffectiveDeploymentsCommand(input)),
    getCoreDevice: (input) => greengrass.send(new GetCoreDeviceCommand(input)),
    deleteCoreDevice: (input) => greengrass.send(new DeleteCoreDeviceCommand(input)),
  },
  iot: {
    addThingToThingGroup: (input) => iot.send(new AddThingToThingGroupCommand(input), { abortSignal: AbortSignal.timeout(JOIN_MS) }),
    removeThingFromThingGroup: (input) => iot.send(new RemoveThingFromThingGroupCommand(input)),
    listThingGroupsForThing: (input) => iot.send(new ListThingGroupsForThingCommand(input)),
    listThingsInThingGroup: (input) => iot.send(new ListThingsInThingGroupCommand(input)),
  },
  objects: {
    copyObject: (input) => s3.send(new CopyObjectCommand(input)),
    deleteObject: (input) => s3.send(new DeleteObjectCommand(input)),
  },
  now: () => Date.now(),
};

export function handler(event: unknown): Promise<Started | IsCompleteResult> {
  return handle(RESOURCES, dependencies, event);
}
