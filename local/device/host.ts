import * as fs from 'node:fs';
import { Agent } from 'node:https';
import * as path from 'node:path';
import { GetInstanceProfileCommand, type IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { REGION, roleName } from '../service/account';
import type { CallerAuthority, RequestLog, RoleAssumer } from '../service/contracts';
import { CoreMachine, readCoreVariables, type CoreVariables } from '../nucleus/core-machine';
import { Machine } from './machine';
import type { Machines } from './server';
import { startMetadata } from './metadata';
import { ShortPath } from './short-path';
import { readUserData } from './user-data';

const EC2 = 'ec2.amazonaws.com';

export interface DeviceHostOptions {
  readonly iam: IAMClient;
  readonly sessions: RoleAssumer;
  readonly authority: Pick<CallerAuthority, 'trustsService'>;
  readonly log: RequestLog;
  readonly emulator: string;
  readonly sageMaker: string;
  readonly greengrass: string;
  /** For the calls of devices that AWS has no protocol for. */
  readonly controlToken: string;
  readonly caFile: string;
  /** Folders `devices`, `run` and `logs` are made in it. */
  readonly folder: string;
}

/** What the bridge asks for: an instance that the emulator has on its books shall run. */
export interface MachineRequest {
  readonly instanceId: string;
  /** Name of its profile. */
  readonly instanceProfile: string;
  /** Decoded. */
  readonly userData: string;
}

/** A machine, for whoever looks into the local cloud. */
export interface MachineSummary {
  readonly instanceId: string;
  readonly thingName: string;
  readonly socket: string;
  readonly root: string;
}

/** Runs the local devices, as processes of this machine with the rights of their instances' roles. */
export class DeviceHost implements Machines {
  private readonly machines = new Map<string, { readonly machine: Machine; readonly thingName: string; readonly run: ShortPath }>();
  private readonly coreMachines = new Map<string, {
    readonly machine: CoreMachine;
    readonly thingName: string;
    readonly root: ShortPath;
  }>();

  public constructor(private readonly options: DeviceHostOptions) {}

  public list(): MachineSummary[] {
    return [
      ...[...this.machines.values()].map(({ machine, thingName }) => ({
        instanceId: machine.instanceId,
        thingName,
        socket: machine.socket,
        root: machine.root,
      })),
      ...[...this.coreMachines].map(([instanceId, { machine, thingName, root }]) => ({
        instanceId,
        thingName,
        socket: machine.socket,
        root: root.path,
      })),
    ];
  }

  /** Does nothing for a machine that runs, and for one that is no device. */
  public async start({ instanceId, instanceProfile, userData }: MachineRequest): Promise<void> {
    const core = readCoreVariables(userData, instanceId);
    if (core !== undefined) {
      await this.startCore(instanceId, instanceProfile, core);
      return;
    }
    const variables = readUserData(userData, instanceId);
    if (variables === undefined || this.machines.has(instanceId)) {
      return;
    }
    const roleArn = await this.roleOf(instanceProfile);
    const assume = async () => this.options.sessions.assume(roleArn, { sessionName: instanceId });
    const metadata = await startMetadata({ instanceId, roleName: roleName(roleArn), assume });
    const thingName = variables.EDGE_MANIFEST_KEY.split('/')[1] ?? instanceId;
    const { folder, caFile, emulator, sageMaker } = this.options;
    const run = ShortPath.to(path.join(folder, 'run', instanceId));
    const machine = new Machine({
      instanceId, variables, metadata, caFile,
      s3: new S3Client({
        endpoint: emulator,
        region: REGION,
        forcePathStyle: true,
        requestHandler: { httpsAgent: new Agent({ ca: fs.readFileSync(caFile) }) },
        credentials: async () => {
          const { credentials, expiration } = await assume();
          return { ...credentials, expiration };
        },
      }),
      root: path.join(folder, 'devices', thingName),
      run: run.path,
      logFile: path.join(folder, 'logs', `device-${thingName}.log`),
      environment: {
        ...without(process.env, ['AWS_EC2_METADATA_DISABLED']), // it has its own, and no key: this process has taken root's out
        AWS_ENDPOINT_URL: emulator, AWS_ENDPOINT_URL_SAGEMAKER_EDGE: sageMaker, NODE_EXTRA_CA_CERTS: caFile,
        AWS_EC2_METADATA_V1_DISABLED: 'true',
      },
    });
    this.machines.set(instanceId, { machine, thingName, run });
    this.log('StartMachine', { instanceId, thingName, roleArn });
  }

  public async stop(instanceId: string): Promise<void> {
    const core = this.coreMachines.get(instanceId);
    if (core !== undefined) {
      await core.machine.stop();
      core.root.remove();
      this.coreMachines.delete(instanceId);
      this.log('StopMachine', { instanceId, thingName: core.thingName });
      return;
    }
    const found = this.machines.get(instanceId);
    if (found === undefined) {
      return;
    }
    await found.machine.stop();
    found.run.remove();
    this.machines.delete(instanceId);
    this.log('StopMachine', { instanceId, thingName: found.thingName });
  }

  public async stopAll(): Promise<void> {
    await Promise.all([...this.machines.keys(), ...this.coreMachines.keys()].map(async (id) => this.stop(id)));
  }

  /** A machine with nucleus classic: the same rights of its own, and those of the device by its certificate. */
  private async startCore(instanceId: string, instanceProfile: string, variables: CoreVariables): Promise<void> {
    if (this.coreMachines.has(instanceId)) {
      return;
    }
    const { folder, caFile, emulator, sageMaker, greengrass, sessions, controlToken } = this.options;
    const roleArn = await this.roleOf(instanceProfile);
    const root = ShortPath.to(path.join(folder, 'run', instanceId));
    const machine = await CoreMachine.start({
      instanceId,
      variables,
      caFile,
      emulator,
      sageMaker,
      greengrass,
      controlToken,
      root: root.path,
      copies: path.join(folder, 'greengrass'),
      logFile: path.join(folder, 'logs', `device-${variables.CORE_THING_NAME}.log`),
      machineCredentials: async () => {
        const { credentials, expiration } = await sessions.assume(roleArn, { sessionName: instanceId });
        return { ...credentials, expiration };
      },
    });
    this.coreMachines.set(instanceId, { machine, thingName: variables.CORE_THING_NAME, root });
    this.log('StartMachine', { instanceId, thingName: variables.CORE_THING_NAME, roleArn });
  }

  private async roleOf(InstanceProfileName: string): Promise<string> {
    const { InstanceProfile: profile } = await this.options.iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    const roleArn = profile?.Roles?.[0]?.Arn;
    if (roleArn === undefined) {
      throw new Error(`the instance profile ${InstanceProfileName} has no role`);
    }
    if (!await this.options.authority.trustsService(roleArn, EC2)) {
      throw new Error(`the role ${roleArn} does not trust ${EC2}`);
    }
    return roleArn;
  }

  private log(operation: string, input: object): void {
    this.options.log.append({ time: new Date().toISOString(), service: 'LocalDevices', operation, input: { ...input }, status: 200 });
  }
}

function without(environment: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}
