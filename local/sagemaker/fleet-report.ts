import type { Device, DeviceModel, Fleet } from './fleets';
import { seconds } from './listing';

/** A device counts as connected for so long after a heartbeat. The guide gives no figure. */
const CONNECTED_MS = 5 * 60_000;

/** `GetDeviceFleetReport`, counted from the devices' last heartbeats. */
export function fleetReport(arn: string, fleet: Fleet): object {
  const devices = [...fleet.devices.values()];
  const { OutputConfig, Description } = fleet.settings;
  return {
    DeviceFleetArn: arn, DeviceFleetName: fleet.name, OutputConfig, Description, ReportGenerated: seconds(Date.now()),
    DeviceStats: { ConnectedDeviceCount: devices.filter(isConnected).length, RegisteredDeviceCount: devices.length },
    AgentVersions: agentVersions(devices),
    ModelStats: modelStats(devices),
  };
}

function agentVersions(devices: readonly Device[]): readonly object[] {
  const versions = new Map<string, number>();
  for (const { agentVersion } of devices) {
    if (agentVersion !== undefined) {
      versions.set(agentVersion, (versions.get(agentVersion) ?? 0) + 1);
    }
  }
  return [...versions].map(([Version, AgentCount]) => ({ Version, AgentCount }));
}

function modelStats(devices: readonly Device[]): readonly object[] {
  const users = new Map<string, { readonly device: Device; readonly model: DeviceModel }[]>();
  for (const device of devices) {
    for (const model of device.models ?? []) {
      const key = `${model.ModelName} ${model.ModelVersion}`;
      users.set(key, [...users.get(key) ?? [], { device, model }]);
    }
  }
  return [...users.values()].map((uses) => {
    const connected = uses.filter(({ device }) => isConnected(device));
    const { ModelName, ModelVersion } = uses[0]?.model ?? {};
    return {
      ModelName, ModelVersion, ConnectedDeviceCount: connected.length, OfflineDeviceCount: uses.length - connected.length,
      ActiveDeviceCount: connected.filter(({ model }) => model.LatestInference !== undefined).length,
      SamplingDeviceCount: connected.filter(({ model }) => model.LatestSampleTime !== undefined).length,
    };
  });
}

function isConnected({ heartbeatAt }: Device): boolean {
  return heartbeatAt !== undefined && Date.now() - heartbeatAt < CONNECTED_MS;
}
