import { GetCoreDeviceCommand, GetDeploymentCommand, DescribeComponentCommand, ListComponentsCommand, ListCoreDevicesCommand, ListDeploymentsCommand, ListInstalledComponentsCommand } from '@aws-sdk/client-greengrassv2';
import { ListThingGroupsCommand, ListThingsInThingGroupCommand } from '@aws-sdk/client-iot';
import type { Clients } from './clients';
import { demand } from './problem';

/** Components, thing groups, deployments and core devices, as Greengrass and IoT tell them. */
export async function reportGreengrass(clients: Clients): Promise<string[]> {
  return [...await components(clients), ...await groups(clients), ...await deployments(clients), ...await coreDevices(clients)];
}

async function components({ greengrass }: Clients): Promise<string[]> {
  const { components: listed = [] } = await greengrass.send(new ListComponentsCommand({}));
  demand(listed.length > 0, 'Greengrass lists no component');
  return Promise.all(listed.map(async ({ componentName, latestVersion }) => {
    const { status } = await greengrass.send(new DescribeComponentCommand({ arn: latestVersion?.arn }));
    return `component         ${componentName ?? ''}  version ${latestVersion?.componentVersion ?? ''}, ${status?.componentState ?? 'without a state'}`;
  }));
}

async function groups({ iot }: Clients): Promise<string[]> {
  const { thingGroups = [] } = await iot.send(new ListThingGroupsCommand({}));
  demand(thingGroups.length > 0, 'IoT lists no thing group');
  return Promise.all(thingGroups.map(async ({ groupName: thingGroupName }) => {
    const { things = [] } = await iot.send(new ListThingsInThingGroupCommand({ thingGroupName }));
    return `thing group       ${thingGroupName ?? ''}  ${things.join(', ') || 'no thing'}`;
  }));
}

async function deployments({ greengrass }: Clients): Promise<string[]> {
  const { deployments: listed = [] } = await greengrass.send(new ListDeploymentsCommand({}));
  demand(listed.length > 0, 'Greengrass lists no deployment');
  return Promise.all(listed.map(async ({ deploymentId, targetArn = '' }) => {
    const { deploymentStatus, components: deployed = {} } = await greengrass.send(new GetDeploymentCommand({ deploymentId }));
    return `deployment        ${deploymentId ?? ''}  ${deploymentStatus ?? ''} for ${targetArn.split(':').at(-1) ?? ''}, ${Object.keys(deployed).length} components`;
  }));
}

async function coreDevices({ greengrass }: Clients): Promise<string[]> {
  const { coreDevices: listed = [] } = await greengrass.send(new ListCoreDevicesCommand({}));
  demand(listed.length > 0, 'Greengrass lists no core device');
  return (await Promise.all(listed.map(async ({ coreDeviceThingName }) => {
    const { status, coreVersion } = await greengrass.send(new GetCoreDeviceCommand({ coreDeviceThingName }));
    const { installedComponents = [] } = await greengrass.send(new ListInstalledComponentsCommand({ coreDeviceThingName }));
    demand(status === 'HEALTHY', `the core device ${coreDeviceThingName ?? ''} is ${status ?? 'without a status'}`);
    return [
      `core device       ${coreDeviceThingName ?? ''}  ${status ?? ''}, nucleus ${coreVersion ?? ''}`,
      ...installedComponents.map(({ componentName, lifecycleState }) => `  installed       ${componentName ?? ''}  ${lifecycleState ?? ''}`),
    ];
  }))).flat();
}
