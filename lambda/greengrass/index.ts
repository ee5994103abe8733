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
import { customResources } from '../shared/function';
import { handle } from '../shared/handle';
import type { Phase } from '../shared/lifecycle';
import type { Dependencies } from './dependencies';
import { LIMITS } from './limits';
import { JOIN_MS } from './membership';
import { RESOURCES } from './resources';

const options = { maxAttempts: 12 }; // rides out a minute of throttling
const greengrass = new GreengrassV2Client(options);
const iot = new IoTClient(options);
const s3 = new S3Client(options);

function dependencies({ signal: abortSignal }: Phase): Dependencies {
  const call = { abortSignal };
  return {
    greengrass: {
      describeComponent: (input) => greengrass.send(new DescribeComponentCommand(input), call),
      deleteComponent: (input) => greengrass.send(new DeleteComponentCommand(input), call),
      tagResource: (input) => greengrass.send(new TagResourceCommand(input), call),
      getDeployment: (input) => greengrass.send(new GetDeploymentCommand(input), call),
      createDeployment: (input) => greengrass.send(new CreateDeploymentCommand(input), call),
      cancelDeployment: (input) => greengrass.send(new CancelDeploymentCommand(input), call),
      deleteDeployment: (input) => greengrass.send(new DeleteDeploymentCommand(input), call),
      listDeployments: (input) => greengrass.send(new ListDeploymentsCommand(input), call),
      listEffectiveDeployments: (input) => greengrass.send(new ListEffectiveDeploymentsCommand(input), call),
      getCoreDevice: (input) => greengrass.send(new GetCoreDeviceCommand(input), call),
      deleteCoreDevice: (input) => greengrass.send(new DeleteCoreDeviceCommand(input), call),
    },
    iot: {
      addThingToThingGroup: (input) => iot.send(new AddThingToThingGroupCommand(input), {
        abortSignal: AbortSignal.any([abortSignal, AbortSignal.timeout(JOIN_MS)]),
      }),
      removeThingFromThingGroup: (input) => iot.send(new RemoveThingFromThingGroupCommand(input), call),
      listThingGroupsForThing: (input) => iot.send(new ListThingGroupsForThingCommand(input), call),
      listThingsInThingGroup: (input) => iot.send(new ListThingsInThingGroupCommand(input), call),
    },
    objects: {
      copyObject: (input) => s3.send(new CopyObjectCommand(input), call),
      deleteObject: (input) => s3.send(new DeleteObjectCommand(input), call),
    },
    now: () => Date.now(),
  };
}

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, dependencies(phase), event));
