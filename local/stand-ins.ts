import * as fs from 'node:fs';
import { ACCOUNT, PARTITION, REGION } from './service/account';
import { Clients } from './cloud/clients';
import { DeviceHost } from './device/host';
import { startDeviceServer } from './device/server';
import { EmulatorArtifacts, EmulatorThings } from './greengrass/emulator';
import { startGreengrassStandIn } from './greengrass/server';
import { EmulatorAuthority } from './iam/authority';
import { RoleSessions } from './iam/role-sessions';
import { EmulatorStorage } from './iam/role-storage';
import { Roles } from './iam/roles';
import { startCredentialProvider } from './iot/credential-provider';
import { startIotProxy } from './iot/proxy';
import { RoleAliasStore } from './iot/role-aliases';
import { startRecorder } from './service/recorder';
import { FileRequestLog } from './service/request-log';
import { startSageMakerStandIn } from './sagemaker/server';
import type { StandInPorts, StandInSettings } from './cloud/stand-in-settings';

/**
 * The process of the stand-ins: `node --import tsx local/stand-ins.ts <settings as JSON>`, started by the launcher
 * before the emulator, which it outlives. Sends its ports to the launcher and runs until it is told to end.
 */
async function main(settings: StandInSettings): Promise<void> {
  const ca = fs.readFileSync(settings.caFile);
  // IoT directly, not through the proxy: what the stand-ins ask themselves is no part of the log
  const clients = new Clients({ emulator: settings.emulator, iot: settings.emulator, sageMaker: settings.emulator, greengrass: settings.emulator, caFile: settings.caFile });
  const authority = new EmulatorAuthority(clients.iam, clients.lambda);
  const sessions = new RoleSessions(clients.iam, clients.sts);
  const aliases = new RoleAliasStore(new Roles(clients.iam), sessions);
  const log = new FileRequestLog(settings.requests);

  const provider = await startCredentialProvider({
    certificate: fs.readFileSync(settings.serverCertificate), key: fs.readFileSync(settings.serverKey),
    deviceCa: async () => clients.text('/_ministack/iot/ca.pem'),
    iot: clients.iot, authority, sessions, aliases, log,
  });
  const credentialProvider = `localhost:${provider.port}`;
  const iot = await startIotProxy({ emulator: settings.emulator, ca, authority, aliases, credentialProvider, log });
  const storage = new EmulatorStorage(sessions, clients.settings);
  const sageMaker = await startSageMakerStandIn({
    region: REGION, account: ACCOUNT, partition: PARTITION, authority, storage, log, roleAliases: iot,
    ...(settings.delays ? { delays: settings.delays } : {}),
  });
  const greengrass = await startGreengrassStandIn({
    region: REGION, account: ACCOUNT, partition: PARTITION, authority, log, artifacts: new EmulatorArtifacts(clients.s3, storage), things: new EmulatorThings(clients.iot),
  });
  const host = new DeviceHost({ iam: clients.iam, sessions, authority, log, emulator: settings.emulator, sageMaker: sageMaker.url, greengrass: greengrass.url, caFile: settings.caFile, folder: settings.folder });
  const devices = await startDeviceServer(host);
  const recorder = await startRecorder({ emulator: settings.emulator, ca, authority, log });
  const ports: StandInPorts = { iot: iot.url, sageMaker: sageMaker.url, credentialProvider, greengrass: greengrass.url, devices: devices.url, recorder: recorder.url };
  process.send?.(ports);

  const end = (): void => {
    void Promise.allSettled([host.stopAll(), devices.close(), provider.close(), iot.close(), recorder.close(), sageMaker.close(), greengrass.close()]).then(() => { process.exit(0); });
  };
  process.once('SIGTERM', end).once('SIGINT', end);
}

main(JSON.parse(process.argv[2] ?? '{}') as StandInSettings).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
