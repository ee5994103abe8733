import type { JobDelays } from '../sagemaker/contracts';
import type { EndpointDelays, MetricTimes } from '../sagemaker/hosting/contracts';

/** What the launcher tells the process of the stand-ins. Its secrets are in its environment: everybody sees a command line. */
export interface StandInSettings {
  /** The emulator's socket. */
  readonly socket: string;
  /** That clients take for the emulator's. Default: one that is free. */
  readonly port?: number;
  readonly caFile: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly requests: string;
  /** The local cloud's folder. */
  readonly folder: string;
  readonly delays?: JobDelays;
  readonly endpoints?: EndpointSettings;
  /** The emulator's interpreter, and the folder that clouds share. */
  readonly python: string;
  readonly shared: string;
  /** Where pip keeps what it has fetched. */
  readonly pipCache: string;
  /** The interpreter of experiments, in a cloud that has them: MLflow's servers and the jobs of AWS's containers run with it. */
  readonly experimentsPython?: string;
}

/** How the endpoints of SageMaker behave. */
export interface EndpointSettings { readonly delays?: EndpointDelays; readonly metrics?: MetricTimes }

/** What that process answers when it listens. */
export interface StandInPorts {
  /** The page that a browser shows: http, with its token. */
  readonly page: string;
  /** The door to the emulator, see local/service/front-door.ts: https. */
  readonly emulator: string;
  /** The IoT proxy: http. */
  readonly iot: string;
  /** The SageMaker stand-in: http, control plane and edge runtime. */
  readonly sageMaker: string;
  /** InvokeEndpoint: http. */
  readonly sageMakerRuntime: string;
  /** What MLflow's clients talk to: http. */
  readonly mlflow: string;
  /** The stand-ins for Application Auto Scaling, ECS and CodeBuild: http. The latter two hand on what they do not do. */
  readonly applicationAutoScaling: string;
  readonly ecs: string;
  readonly codeBuild: string;
  /** The stand-in for CodeCommit: its API, http. */
  readonly codeCommit: string;
  /** Host and port of what git clones from and pushes to: https. */
  readonly git: string;
  /** Where tasks of ECS obtain the credentials of their roles: http. */
  readonly taskCredentials: string;
  /** Host and port of the credential provider, as DescribeEndpoint answers it. */
  readonly credentialProvider: string;
  /** The Greengrass stand-in: http. */
  readonly greengrass: string;
  /** The host of the local devices: http, see local/device/server.ts. */
  readonly devices: string;
  /** Through this the functions reach the services that the emulator has whole, and jobs, tasks and MLflow S3: see service/recorder.ts. */
  readonly recorder: string;
}

export function isStandInPorts(value: unknown): value is StandInPorts {
  const names = [
    'emulator', 'iot', 'sageMaker', 'sageMakerRuntime', 'mlflow', 'applicationAutoScaling', 'ecs', 'codeBuild', 'codeCommit', 'git', 'taskCredentials',
    'credentialProvider', 'greengrass', 'devices', 'recorder', 'page',
  ];
  return typeof value === 'object' && value !== null && names.every((name) => name in value);
}
