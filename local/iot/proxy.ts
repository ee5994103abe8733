import { REGION } from '../service/account';
import type { CallerAuthority, RequestLog, RoleAliases } from '../service/contracts';
import { openDoor } from '../service/door';
import type { Onward } from '../service/forwarder';
import type { RunningServer } from '../service/http-server';
import { Service } from '../service/service';
import { CREDENTIALS_SERVICE, roleAliasArn, type IotOperations, type RoleAliasStore } from './role-aliases';

export interface IotProxyOptions {
  readonly emulator: Onward;
  readonly authority: Pick<CallerAuthority, 'identify' | 'authorize' | 'mayPassRole'>;
  readonly aliases: RoleAliasStore;
  /** Host and port that DescribeEndpoint answers for `iot:CredentialProvider`. */
  readonly credentialProvider: string;
  readonly log: RequestLog;
}

/** IoT's control plane: answers what the emulator lacks, and hands on everything else byte for byte, as it was signed. */
export async function startIotProxy({
  emulator, authority, aliases, credentialProvider, log,
}: IotProxyOptions): Promise<RunningServer & RoleAliases> {
  const table: IotOperations = {
    ...aliases.operations(),
    DescribeEndpoint: {
      isOurs: ({ endpointType }) => endpointType === 'iot:CredentialProvider',
      run: () => ({ endpointAddress: credentialProvider }),
    },
  };
  const service = new Service({ id: 'IoT', operations: () => table, authority, principal: CREDENTIALS_SERVICE });
  const server = await openDoor({ region: REGION, authority, log, services: [service], emulator });
  return { ...server, ensure: async (name, roleArn) => ensure(service, aliases, name, roleArn) };
}

/**
 * What Edge Manager does for a fleet. An alias that is there is taken as it is: what AWS asked for in that case is not
 * known. A new one is made with the fleet role's own rights.
 */
async function ensure(service: Service, aliases: RoleAliasStore, roleAlias: string, roleArn: string): Promise<string> {
  const fleetRole = { arn: roleArn, roleArn, isRoot: false };
  if (!aliases.get(roleAlias)) {
    await service.call('CreateRoleAlias', { roleAlias, roleArn }, fleetRole);
  }
  return roleAliasArn(roleAlias);
}
