import * as fs from 'node:fs';
import * as path from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SFNClient } from '@aws-sdk/client-sfn';
import { AlarmEvaluator } from './alarms/evaluator';
import { EmulatorAlarms } from './alarms/emulator';
import { ACCOUNT, PARTITION, REGION } from './service/account';
import { Clients } from './cloud/clients';
import { gitVariables } from './cloud/environment';
import { EmulatorBuildBooks, EmulatorTaskDefinitions } from './containers/emulator';
import { ImageStore } from './containers/images';
import type { TaskEnvironment } from './containers/environment';
import { startCodeCommit } from './codecommit/server';
import { startContainers } from './containers/server';
import { DeviceHost } from './device/host';
import { startDeviceServer } from './device/server';
import { EmulatorArtifacts, EmulatorThings } from './greengrass/emulator';
import { startGreengrassStandIn } from './greengrass/server';
import { AccessKeys } from './iam/access-keys';
import { EmulatorAuthority } from './iam/authority';
import { KeyHolders } from './iam/key-holders';
import { RoleSessions } from './iam/role-sessions';
import { EmulatorStorage } from './iam/role-storage';
import { Roles } from './iam/roles';
import { startCredentialProvider } from './iot/credential-provider';
import { startIotProxy } from './iot/proxy';
import { RoleAliasStore } from './iot/role-aliases';
import { readContent } from './page/read';
import { startPage } from './page/server';
import { EmulatorWorld } from './scaling/emulator';
import { startScaling } from './scaling/server';
import { Forwarder } from './service/forwarder';
import { startFrontDoor } from './service/front-door';
import { makeControlToken } from './service/control-token';
import { Gate } from './service/gate';
import { startRecorder } from './service/recorder';
import { FileRequestLog } from './service/request-log';
import { EmulatorLogs, EmulatorMetrics } from './sagemaker/hosting/emulator';
import { JobEnvironments } from './sagemaker/container-job/environments';
import { startSageMakerStandIn } from './sagemaker/server';
import { RoleRunner } from './states/role-runner';
import { IntegrationWorker } from './states/worker';
import type { StandInPorts, StandInSettings } from './cloud/stand-in-settings';

/**
 * The process of the stand-ins: `main.js stand-ins <settings as JSON>` of assets/cli, started by the launcher before the emulator,
 * which it outlives. Sends its ports to the launcher and runs until it is told to end.
 */
async function main(settings: StandInSettings): Promise<void> {
  const root = { accessKeyId: given('AWS_ACCESS_KEY_ID'), secretAccessKey: given('AWS_SECRET_ACCESS_KEY') };
  const controlToken = given('LOCAL_CONTROL_TOKEN');
  const tls = { cert: fs.readFileSync(settings.serverCertificate), key: fs.readFileSync(settings.serverKey) };
  const emulator = new Forwarder({ socketPath: settings.socket });
  const keys: AccessKeys = new AccessKeys(root, async (accessKeyId) => authority.functionCredentials(accessKeyId));
  const gate = new Gate(emulator, keys);
  const door = await startFrontDoor({ gate, emulator, tls, port: settings.port });
  // IoT directly, not through the proxy: what the stand-ins ask themselves is no part of the log
  const clients = new Clients({
    emulator: door.url,
    iot: door.url,
    sageMaker: door.url,
    greengrass: door.url,
    applicationAutoScaling: door.url,
    ecs: door.url,
    codeBuild: door.url,
    codeCommit: door.url,
    caFile: settings.caFile,
    root,
  });
  const authority = new EmulatorAuthority(root, clients.iam, clients.lambda, new KeyHolders(keys, clients.iam, clients.settings));
  const sessions = new RoleSessions(clients.iam, clients.sts);
  const roles = new Roles(clients.iam);
  const aliases = new RoleAliasStore(roles, sessions);
  const log = new FileRequestLog(settings.requests);

  const provider = await startCredentialProvider({
    certificate: tls.cert, key: tls.key,
    deviceCa: async () => emulator.page('/_ministack/iot/ca.pem'),
    iot: clients.iot, authority, sessions, aliases, roles, log,
  });
  const credentialProvider = `localhost:${provider.port}`;
  const iot = await startIotProxy({ emulator: gate, authority, aliases, credentialProvider, log });
  const recorder = await startRecorder({ emulator: gate, authority, log });
  // S3 by the recorder: what jobs and state machines ask for is in the log, as what functions ask for
  const recorded = { region: REGION, endpoint: recorder.url };
  const storage = new EmulatorStorage(sessions, clients.settings);
  const images = new ImageStore({ folder: settings.folder, shared: settings.shared, python: settings.python });
  const logSink = new EmulatorLogs(clients.settings);
  const variables = (searchPath: string): Readonly<Record<string, string | undefined>> => ({
    PATH: `${searchPath}${path.delimiter}${process.env.PATH ?? ''}`, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR,
    LANG: process.env.LANG, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: process.env.NO_PROXY,
    AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: REGION, AWS_DEFAULT_REGION: REGION, AWS_CA_BUNDLE: settings.caFile,
    AWS_ENDPOINT_URL: door.url, AWS_ENDPOINT_URL_SAGEMAKER: sageMaker.url, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: sageMaker.runtimeUrl,
    AWS_ENDPOINT_URL_CODECOMMIT: codeCommit.api.url, SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT: sageMaker.mlflowUrl,
    ...gitVariables(`localhost:${codeCommit.git.port}`, settings.caFile),
  });
  /** What jobs, tasks and MLflow's servers ask of S3 is in the log. */
  const recordedVariables: typeof variables = (searchPath) => ({ ...variables(searchPath), AWS_ENDPOINT_URL_S3: recorder.url });
  const environment: TaskEnvironment = (venv) => recordedVariables(path.join(venv, 'bin'));
  const codeCommit = await startCodeCommit({
    region: REGION, account: ACCOUNT, partition: PARTITION, authority, log, tls, folder: path.join(settings.folder, 'codecommit'),
  });
  const containers = await startContainers({
    emulator: gate, authority, sessions, storage, log, controlToken, images, environment, logs: logSink,
    definitions: new EmulatorTaskDefinitions(clients.settings), books: new EmulatorBuildBooks(clients.settings),
  });
  const { experimentsPython } = settings;
  const jobEnvironments = new JobEnvironments({
    built: (image) => images.get(image)?.venv, own: venvOf(settings.python),
    experiments: experimentsPython === undefined ? undefined : venvOf(experimentsPython),
    pipCache: settings.pipCache, variables: recordedVariables,
  });
  const sageMaker = await startSageMakerStandIn({
    region: REGION, account: ACCOUNT, partition: PARTITION, authority, log, controlToken, roleAliases: iot,
    storage: new EmulatorStorage(sessions, recorded, authority),
    ...(settings.delays ? { delays: settings.delays } : {}),
    hosting: { ...settings.endpoints, metricSink: new EmulatorMetrics(clients.settings), logSink },
    ...experimentsPython === undefined ? {} : {
      mlflow: {
        python: experimentsPython, folder: path.dirname(settings.socket), logs: path.join(settings.folder, 'logs'),
        credentials: containers.credentials, environment: () => recordedVariables(path.dirname(experimentsPython)),
      },
    },
    containerJobs: {
      logSink, credentials: containers.credentials, environment: async (image, folder) => jobEnvironments.of(image, folder),
    },
  });
  const greengrass = await startGreengrassStandIn({
    region: REGION,
    account: ACCOUNT,
    partition: PARTITION,
    authority,
    log,
    controlToken,
    artifacts: new EmulatorArtifacts(clients.s3, storage, authority),
    things: new EmulatorThings(clients.iot),
  });
  const host = new DeviceHost({
    iam: clients.iam,
    sessions,
    authority,
    log,
    emulator: door.url,
    sageMaker: sageMaker.url,
    greengrass: greengrass.url,
    controlToken,
    caFile: settings.caFile,
    folder: settings.folder,
  });
  const devices = await startDeviceServer(host, controlToken);
  const periodSeconds = settings.endpoints?.metrics?.periodSeconds ?? 60;
  const delaySeconds = settings.endpoints?.metrics?.delaySeconds ?? periodSeconds;
  const sageMakerClient = new SageMakerClient({ ...clients.settings, endpoint: sageMaker.url });
  const scaling = await startScaling({
    authority, periodSeconds, log, world: new EmulatorWorld(clients.settings, () => sageMakerClient, { periodSeconds, delaySeconds }),
  });
  const worker = new IntegrationWorker(new SFNClient({ ...clients.settings, maxAttempts: 1 }), new RoleRunner({
    sessions, authority, sageMaker: sageMaker.url, codeCommit: codeCommit.api.url, s3: recorded,
  }));
  worker.start();
  const alarms = new AlarmEvaluator(new EmulatorAlarms(clients.settings));
  alarms.start();
  const cloudWatch = new CloudWatchClient(clients.settings);
  const { cloudFormation, lambda, s3 } = clients;
  const page = await startPage(makeControlToken(), async () => readContent({ cloudFormation, cloudWatch, iot: clients.iot, lambda, s3 }));
  const ports: StandInPorts = {
    page: page.url,
    emulator: door.url,
    iot: iot.url,
    sageMaker: sageMaker.url,
    sageMakerRuntime: sageMaker.runtimeUrl,
    mlflow: sageMaker.mlflowUrl,
    applicationAutoScaling: scaling.url,
    ecs: containers.ecs.url,
    codeBuild: containers.codeBuild.url,
    codeCommit: codeCommit.api.url,
    git: `localhost:${codeCommit.git.port}`,
    taskCredentials: containers.credentialsUrl,
    credentialProvider,
    greengrass: greengrass.url,
    devices: devices.url,
    recorder: recorder.url,
  };
  process.send?.(ports);

  const end = (): void => {
    void Promise.allSettled([
      alarms.close(), worker.close(), host.stopAll(), containers.close(), scaling.close(),
    ]).finally(async () => Promise.allSettled([
      codeCommit.close(), devices.close(), provider.close(), iot.close(), recorder.close(), sageMaker.close(), greengrass.close(),
      page.close(), door.close(),
    ])).finally(() => {
      process.exit(0);
    });
  };
  process.once('SIGTERM', end).once('SIGINT', end);
}

/** The virtual environment of an interpreter. */
function venvOf(python: string): string {
  return path.dirname(path.dirname(python));
}

/** A secret of the cloud's, from the launcher. Taken out of the environment, so that no process started here inherits it. */
function given(name: string): string {
  const { [name]: value } = process.env;
  if (value === undefined) {
    throw new Error(`${name} is not set: the stand-ins are started by the launcher`);
  }
  Reflect.deleteProperty(process.env, name);
  return value;
}

main(JSON.parse(process.argv[2] ?? '{}') as StandInSettings).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
