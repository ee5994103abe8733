import type { Caller, ServiceOptions } from '../service/contracts';

/** How to start the Greengrass stand-in. */
export interface GreengrassStandInOptions extends ServiceOptions {
  readonly artifacts: ArtifactReader;
  readonly things: ThingRegistry;
  /** How long a component version is REQUESTED, in milliseconds. Default 200. */
  readonly componentMs?: number;
}

/** S3 with the rights of whoever creates a component: the service reads artifacts with these. */
export interface ArtifactReader {
  /** Throws `StorageError` for whatever S3 answers. */
  read(caller: Caller, bucket: string, key: string): Promise<Buffer>;
}

/** IoT's registry. */
export interface ThingRegistry {
  /** The things in a group; undefined where there is no such group. */
  membersOf(thingGroupName: string): Promise<readonly string[] | undefined>;
}

/** What a device says of itself. */
export interface CoreDeviceReport {
  readonly coreDeviceThingName: string;
  readonly coreVersion: string;
  readonly platform: string;
  readonly architecture: string;
  readonly status: 'HEALTHY' | 'UNHEALTHY';
  readonly components: readonly {
    readonly componentName: string;
    readonly componentVersion: string;
    readonly lifecycleState: string;
    /** Of a component that is ERRORED or BROKEN: the step and its exit code. */
    readonly lifecycleStateDetails?: string;
    readonly lifecycleStatusCodes?: readonly string[];
    readonly isRoot: boolean;
  }[];
}

/** What a device says of a deployment. */
export interface DeploymentReport {
  readonly deploymentId: string;
  readonly status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'REJECTED';
  /** `SUCCESSFUL`, `FAILED_ROLLBACK_COMPLETE`, …, for a failure with its cause. */
  readonly reason?: string;
  readonly errorStack?: readonly string[];
  readonly errorTypes?: readonly string[];
}

/** A deployment as the stand-in hands it to a device. */
export interface DeviceDeployment {
  readonly deploymentId: string;
  readonly failureHandlingPolicy: 'ROLLBACK' | 'DO_NOTHING';
  readonly components: Readonly<Record<string, {
    readonly version: string;
    readonly reset?: readonly string[];
    readonly merge?: Readonly<Record<string, unknown>>;
  }>>;
}
