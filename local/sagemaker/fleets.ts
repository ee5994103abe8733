import { errorText } from '../service/errors';
import type { Context } from './context';
import { inUse, invalid } from './errors';
import { page, seconds, selected } from './listing';
import { checkKeys, taggingRights } from './tags';
import type { FleetSettings, SageMakerOperations, Tags } from './types';

/** A device and what its last heartbeat said. */
export interface Device {
  readonly DeviceName: string;
  readonly Description?: string;
  readonly IotThingName?: string;
  readonly registeredAt: number;
  readonly heartbeatAt?: number;
  readonly agentVersion?: string;
  readonly models?: readonly DeviceModel[];
}

/** Times are seconds since 1970, as the device sent them. */
export interface DeviceModel {
  readonly ModelName: string;
  readonly ModelVersion: string;
  readonly LatestSampleTime?: number;
  readonly LatestInference?: number;
}

export interface Fleet {
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly settings: FleetSettings;
  readonly roleAliasArn?: string;
  readonly devices: Map<string, Device>;
}

/** Device fleets. Not-found is a ValidationException with a text of its own for each operation, as the service answered. */
export class Fleets {
  private readonly fleets = new Map<string, Fleet>();

  public constructor(private readonly context: Context) {}

  public all(): readonly Fleet[] {
    return [...this.fleets.values()];
  }

  /** `text` completes the service's message, with the fleet's name after it. */
  public get(name: string, text: 'No devicefleet with name' | 'DeviceFleet with name' | 'No device fleet with name'): Fleet {
    const fleet = this.fleets.get(name);
    if (!fleet) {
      throw invalid(`${text} ${name} ${text.startsWith('No') ? 'was found' : 'does not exist'}`);
    }
    return fleet;
  }

  public state(): readonly object[] {
    return this.all().map((fleet) => ({ ...this.described(fleet), Tags: this.context.tags.of(this.arn(fleet.name)) }));
  }

  public operations(): SageMakerOperations {
    const resources = ({ DeviceFleetName }: { readonly DeviceFleetName: string }): readonly string[] => [this.arn(DeviceFleetName)];
    return {
      CreateDeviceFleet: {
        resources, role: ({ RoleArn }) => RoleArn, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: async ({ Tags, ...settings }) => {
          await this.create(settings, Tags);
          return undefined;
        },
      },
      UpdateDeviceFleet: {
        resources, role: ({ RoleArn }) => RoleArn,
        run: async (settings) => {
          await this.update(settings);
          return undefined;
        },
      },
      DescribeDeviceFleet: {
        resources,
        run: ({ DeviceFleetName }) => this.described(this.get(DeviceFleetName, 'No devicefleet with name')),
      },
      DeleteDeviceFleet: {
        resources,
        run: ({ DeviceFleetName }) => {
          this.delete(DeviceFleetName);
          return undefined;
        },
      },
      ListDeviceFleets: {
        run: (request) => {
          const fleets = selected(this.all(), request, (fleet) => sortKey(fleet, request.SortBy));
          const { items, NextToken } = page(fleets, request);
          return { DeviceFleetSummaries: items.map((fleet) => this.summary(fleet)), NextToken };
        },
      },
    };
  }

  private async create(settings: FleetSettings, tags: Tags | undefined): Promise<void> {
    const { DeviceFleetName: name } = settings;
    checkKeys(tags);
    this.mustBeFree(name);
    const roleAliasArn = await this.ensureAlias(settings);
    this.mustBeFree(name); // two calls at once
    const now = Date.now();
    this.fleets.set(name, {
      name,
      createdAt: now,
      modifiedAt: now,
      settings,
      devices: new Map(),
      ...roleAliasArn === undefined ? {} : { roleAliasArn },
    });
    this.context.tags.create(this.arn(name), tags);
  }

  private async update(settings: FleetSettings): Promise<void> {
    const { DeviceFleetName: name } = settings;
    const before = this.get(name, 'No devicefleet with name');
    const merged = { ...before.settings, ...settings };
    const roleAliasArn = settings.EnableIotRoleAlias === true ? await this.ensureAlias(merged) : undefined;
    this.fleets.set(name, { ...before, modifiedAt: Date.now(), settings: merged, ...roleAliasArn === undefined ? {} : { roleAliasArn } });
  }

  /** Its devices go with it: the acceptance tests of Terraform's provider deleted a fleet with a device in it. */
  private delete(name: string): void {
    this.get(name, 'DeviceFleet with name');
    this.fleets.delete(name);
    this.context.tags.delete(this.arn(name));
  }

  private mustBeFree(name: string): void {
    if (this.fleets.has(name)) {
      throw inUse(`DeviceFleet with name ${name} already exists`);
    }
  }

  /** Made unless the request says no; it outlives the fleet, as the service's did. */
  private async ensureAlias({ DeviceFleetName, RoleArn, EnableIotRoleAlias = true }: FleetSettings): Promise<string | undefined> {
    if (!EnableIotRoleAlias || RoleArn === undefined) {
      return undefined;
    }
    const name = `SageMakerEdge-${DeviceFleetName}`;
    const { roleAliases } = this.context.options;
    if (!roleAliases) {
      return this.context.arns.roleAlias(name);
    }
    try {
      return await roleAliases.ensure(name, RoleArn);
    } catch (error) {
      throw invalid(`The role alias ${name} could not be made with role ${RoleArn}: ${errorText(error)}`);
    }
  }

  private described(fleet: Fleet): object {
    const { OutputConfig, Description, RoleArn } = fleet.settings;
    return { ...this.summary(fleet), OutputConfig, Description, RoleArn, IotRoleAlias: fleet.roleAliasArn };
  }

  private summary({ name, createdAt, modifiedAt }: Fleet): object {
    return {
      DeviceFleetName: name,
      DeviceFleetArn: this.arn(name),
      CreationTime: seconds(createdAt),
      LastModifiedTime: seconds(modifiedAt),
    };
  }

  private arn(name: string): string {
    return this.context.arns.deviceFleet(name);
  }
}

function sortKey({ name, createdAt, modifiedAt }: Fleet, by = 'CREATION_TIME'): string | number {
  switch (by) {
    case 'NAME': return name;
    case 'LAST_MODIFIED_TIME': return modifiedAt;
    default: return createdAt;
  }
}
