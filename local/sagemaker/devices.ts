import type { Context } from './context';
import { invalid } from './errors';
import { fleetReport } from './fleet-report';
import type { Device, Fleet, Fleets } from './fleets';
import { page, seconds } from './listing';
import { checkKeys, taggingRights } from './tags';
import type { DeviceListRequest, EdgeOperations, Heartbeat, NamedDevices, Registration, SageMakerOperations } from './types';

/** How long a device may keep what it is told about its registration: a day. */
const CACHE_TTL_SECONDS = 86_400;

/**
 * Devices, and the runtime API that they call. What the service says to a device that is registered twice is in no
 * document; here it is refused. Nobody looks whether the IoT thing exists.
 */
export class Devices {
  public constructor(private readonly context: Context, private readonly fleets: Fleets) {}

  public state(): readonly object[] {
    return this.fleets.all().flatMap((fleet) => [...fleet.devices.values()].map((device) =>
      ({ ...this.described(fleet, device), Tags: this.context.tags.of(this.arn(fleet.name, device.DeviceName)) })));
  }

  public operations(): SageMakerOperations {
    const one = this.oneDevice();
    const each = ({ DeviceFleetName, Devices: devices }: NamedDevices): readonly string[] => devices.map(({ DeviceName }) => this.arn(DeviceFleetName, DeviceName));
    return {
      RegisterDevices: {
        resources: each, rights: (request) => taggingRights(request.Tags, each(request)),
        run: (request) => { this.register(request); return undefined; },
      },
      UpdateDevices: {
        resources: each,
        run: (request) => { this.update(request); return undefined; },
      },
      DeregisterDevices: {
        resources: ({ DeviceFleetName, DeviceNames }) => DeviceNames.map((name) => this.arn(DeviceFleetName, name)),
        run: ({ DeviceFleetName, DeviceNames }) => { this.deregister(DeviceFleetName, DeviceNames); return undefined; },
      },
      DescribeDevice: {
        resources: one,
        run: ({ DeviceFleetName, DeviceName }) => this.described(...this.find(DeviceFleetName, DeviceName)),
      },
      ListDevices: {
        run: (request) => this.list(request),
      },
      GetDeviceFleetReport: {
        resources: ({ DeviceFleetName }) => [this.context.arns.deviceFleet(DeviceFleetName)],
        run: ({ DeviceFleetName }) => fleetReport(this.context.arns.deviceFleet(DeviceFleetName), this.fleets.get(DeviceFleetName, 'No devicefleet with name')),
      },
    };
  }

  /** The runtime API. */
  public edgeOperations(): EdgeOperations {
    const resources = this.oneDevice();
    return {
      GetDeviceRegistration: {
        resources,
        run: ({ DeviceFleetName, DeviceName }) => {
          const [fleet, device] = this.find(DeviceFleetName, DeviceName);
          return { DeviceRegistration: JSON.stringify({ deviceArn: this.arn(fleet.name, device.DeviceName), registered: true }), CacheTTL: String(CACHE_TTL_SECONDS) };
        },
      },
      SendHeartbeat: {
        resources,
        run: (heartbeat) => { this.beat(heartbeat); return undefined; },
      },
      GetDeployments: { // deployment plans are not modelled: a device is never told to load anything
        resources,
        run: ({ DeviceFleetName, DeviceName }) => {
          this.find(DeviceFleetName, DeviceName);
          return { Deployments: [] };
        },
      },
    };
  }

  private oneDevice(): (request: { readonly DeviceFleetName: string; readonly DeviceName: string }) => readonly string[] {
    return ({ DeviceFleetName, DeviceName }) => [this.arn(DeviceFleetName, DeviceName)];
  }

  private register({ DeviceFleetName, Devices: devices, Tags }: Registration): void {
    const { devices: known } = this.fleets.get(DeviceFleetName, 'No device fleet with name');
    checkKeys(Tags);
    for (const [i, { DeviceName }] of devices.entries()) {
      if (known.has(DeviceName) || devices.findIndex((other) => other.DeviceName === DeviceName) !== i) {
        throw invalid(`Device ${DeviceName} is already registered in fleet ${DeviceFleetName}`);
      }
    }
    for (const device of devices) {
      known.set(device.DeviceName, { ...device, registeredAt: Date.now() });
      this.context.tags.create(this.arn(DeviceFleetName, device.DeviceName), Tags);
    }
  }

  private update({ DeviceFleetName, Devices: devices }: NamedDevices): void {
    const found = devices.map((device) => ({ device, before: this.find(DeviceFleetName, device.DeviceName)[1] }));
    const { devices: known } = this.fleets.get(DeviceFleetName, 'No device fleet with name');
    for (const { device, before } of found) { known.set(device.DeviceName, { ...before, ...device }); }
  }

  private deregister(fleetName: string, names: readonly string[]): void {
    const { devices: known } = this.fleets.get(fleetName, 'No device fleet with name');
    for (const name of names) {
      if (!known.has(name)) { throw invalid(`Device with name ${name} does not exist in fleet ${fleetName}`); }
    }
    for (const name of names) {
      known.delete(name);
      this.context.tags.delete(this.arn(fleetName, name));
    }
  }

  private list(request: DeviceListRequest): object {
    const { DeviceFleetName, ModelName, LatestHeartbeatAfter = -Infinity } = request;
    const fleets = DeviceFleetName === undefined ? this.fleets.all() : [this.fleets.get(DeviceFleetName, 'No device fleet with name')];
    const devices = fleets.flatMap((fleet) => [...fleet.devices.values()].map((device) => ({ fleet, device })))
      .filter(({ device }) => ModelName === undefined || device.models?.some((model) => model.ModelName === ModelName))
      .filter(({ device }) => LatestHeartbeatAfter === -Infinity || (device.heartbeatAt !== undefined && device.heartbeatAt / 1000 > LatestHeartbeatAfter));
    const { items, NextToken } = page(devices, request);
    return {
      DeviceSummaries: items.map(({ fleet, device }) => ({
        ...this.summary(fleet, device), Models: device.models?.map(({ ModelName: model, ModelVersion }) => ({ ModelName: model, ModelVersion })),
      })),
      NextToken,
    };
  }

  private beat({ DeviceFleetName, DeviceName, AgentVersion, Models }: Heartbeat): void {
    const [fleet, device] = this.find(DeviceFleetName, DeviceName);
    const models = (Models ?? []).map(({ ModelName = '', ModelVersion = '', LatestSampleTime, LatestInference }) => ({ ModelName, ModelVersion, LatestSampleTime, LatestInference }));
    fleet.devices.set(DeviceName, { ...device, heartbeatAt: Date.now(), agentVersion: AgentVersion, models });
  }

  private find(fleetName: string, name: string): readonly [Fleet, Device] {
    const fleet = this.fleets.get(fleetName, 'No device fleet with name');
    const device = fleet.devices.get(name);
    if (!device) { throw invalid(`No device with name ${name} was found in fleet ${fleetName}`); }
    return [fleet, device];
  }

  private described(fleet: Fleet, device: Device): object {
    return { ...this.summary(fleet, device), Models: device.models };
  }

  private summary(fleet: Fleet, { DeviceName, Description, IotThingName, registeredAt, heartbeatAt, agentVersion }: Device): object {
    return {
      DeviceName, DeviceArn: this.arn(fleet.name, DeviceName), DeviceFleetName: fleet.name, Description, IotThingName,
      RegistrationTime: seconds(registeredAt), LatestHeartbeat: seconds(heartbeatAt), AgentVersion: agentVersion,
    };
  }

  private arn(fleet: string, name: string): string {
    return this.context.arns.device(fleet, name);
  }
}
