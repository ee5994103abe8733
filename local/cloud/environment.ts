import * as path from 'node:path';
import { ACCOUNT, REGION } from '../service/account';
import type { Endpoints } from './clients';
import type { Credentials } from '../service/contracts';
import type { LocalFolder } from './folder';

export type Environment = Record<string, string | undefined>;

/** What a child needs of the user's environment. Nothing else: an AWS_PROFILE or NODE_OPTIONS would change what it does. */
const KEPT = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TERM', 'SystemRoot'];

export const NO_PROXY = 'localhost,127.0.0.1';

/** For every child: writes below the local cloud's folder alone. */
export function childEnvironment(folder: LocalFolder): Environment {
  return {
    ...Object.fromEntries(KEPT.map((name) => [name, process.env[name]])),
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`, // `node` of the emulator is this one
    HOME: folder.home,
    TMPDIR: folder.tmp,
    NO_PROXY, // no proxy of the user's is in KEPT either
    ORT_DISABLE_TELEMETRY: '1', // ONNX Runtime 1.30 reports to its makers otherwise
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

/** For children that talk to the local cloud as its root: the CDK CLI, the AWS CLI, scripts with an SDK. */
export function cloudEnvironment(folder: LocalFolder, endpoints: Endpoints): Environment {
  return { ...childEnvironment(folder), ...cloudVariables(endpoints) };
}

/** The variables that point any AWS SDK or CLI at the local cloud. */
export function cloudVariables(endpoints: Endpoints): Record<string, string> {
  return {
    ...rootVariables(endpoints.root),
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    ...endpointVariables(endpoints),
    ...gitVariables(endpoints.git, endpoints.caFile),
    SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT: endpoints.mlflow,
  };
}

/** For a shell: the same, and nothing of the user's that an SDK would prefer to it: a profile, an endpoint of one service, a proxy. */
export function cloudScript(folder: LocalFolder, endpoints: Endpoints): string {
  // some tools read one, some the other
  const variables = Object.entries({ ...cloudVariables(endpoints), ...noFiles(folder), NO_PROXY, no_proxy: NO_PROXY });
  return [
    'for name in $(env | sed -n "s/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p"); do unset "$name"; done',
    ...variables.map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`), '',
  ].join('\n');
}

/** For the AWS and CDK CLIs alone. */
export function cdkVariables(folder: LocalFolder): Record<string, string> {
  return {
    ...noFiles(folder),
    CDK_HOME: folder.home,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_VALIDATION: 'false', // `npm run synth` applies CDK's rules to the sample; here they would cost seconds a call
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: REGION,
  };
}

function noFiles(folder: LocalFolder): Record<string, string> {
  return { AWS_CONFIG_FILE: path.join(folder.home, 'no-config'), AWS_SHARED_CREDENTIALS_FILE: path.join(folder.home, 'no-credentials') };
}

/** For the process of the stand-ins: the cloud's secrets, which a command line would show to everybody. */
export function standInEnvironment(folder: LocalFolder, { root, controlToken }: Pick<Endpoints, 'root' | 'controlToken'>): Environment {
  return { ...childEnvironment(folder), ...pipVariables(), ...rootVariables(root), LOCAL_CONTROL_TOKEN: controlToken };
}

/** The user's settings of pip, which images and jobs install with. The proxy is for pip alone. */
function pipVariables(): Environment {
  const settings = Object.entries(process.env).filter(([name]) => name.startsWith('PIP_'));
  const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy;
  return { ...proxy === undefined ? {} : { PIP_PROXY: proxy }, ...Object.fromEntries(settings) };
}

/** For the emulator, and by it for every Lambda function, which gets a session of its own in place of root's key. */
export function emulatorEnvironment(folder: LocalFolder, endpoints: Endpoints): Environment {
  return {
    ...childEnvironment(folder),
    ...rootVariables(endpoints.root),
    ...endpointVariables(endpoints),
    LOCAL_DEVICE_HOST: endpoints.devices,
    LOCAL_CONTROL_TOKEN: endpoints.controlToken,
    AWS_ENDPOINT_URL_S3: endpoints.recorder, // the functions' calls; the CLI's and the devices' go straight to the emulator
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.recorder,
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoints.recorder,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.recorder,
    AWS_ENDPOINT_URL_CLOUDWATCH: endpoints.recorder,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoints.recorder,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.recorder,
    AWS_ENDPOINT_URL_SFN: endpoints.recorder,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.recorder,
    AWS_ENDPOINT_URL_FIREHOSE: endpoints.recorder,
    GATEWAY_PORT: new URL(endpoints.emulator).port, // it listens on a socket; this is for the URLs that it gives out
    USE_SSL: '1', // the same: https
    MINISTACK_SSL_CERT: folder.serverCertificate,
    MINISTACK_SSL_KEY: folder.serverKey,
    AUTH: 'true',
    MINISTACK_REGION: REGION,
    MINISTACK_ACCOUNT_ID: ACCOUNT,
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    PYTHONDONTWRITEBYTECODE: undefined,
    LOG_LEVEL: 'INFO',
  };
}

/** For git with git-remote-codecommit: where CodeCommit is, and whom git trusts there. Other hosts keep their authorities. */
export function gitVariables(host: string, caFile: string): Record<string, string> {
  return {
    CODE_COMMIT_ENDPOINT: host, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: `http.https://${host}/.sslCAInfo`, GIT_CONFIG_VALUE_0: caFile,
  };
}

function rootVariables({ accessKeyId, secretAccessKey }: Credentials): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

function endpointVariables(endpoints: Endpoints): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoints.emulator,
    AWS_ENDPOINT_URL_IOT: endpoints.iot,
    AWS_ENDPOINT_URL_SAGEMAKER: endpoints.sageMaker,
    AWS_ENDPOINT_URL_SAGEMAKER_EDGE: endpoints.sageMaker,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: endpoints.sageMakerRuntime,
    AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: endpoints.applicationAutoScaling,
    AWS_ENDPOINT_URL_ECS: endpoints.ecs,
    AWS_ENDPOINT_URL_CODEBUILD: endpoints.codeBuild,
    AWS_ENDPOINT_URL_CODECOMMIT: endpoints.codeCommit,
    AWS_ENDPOINT_URL_GREENGRASSV2: endpoints.greengrass,
    NODE_EXTRA_CA_CERTS: endpoints.caFile,
    AWS_CA_BUNDLE: endpoints.caFile,
  };
}
