import * as fs from 'node:fs';
import { Agent } from 'node:https';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { GreengrassV2Client } from '@aws-sdk/client-greengrassv2';
import { IAMClient } from '@aws-sdk/client-iam';
import { IoTClient } from '@aws-sdk/client-iot';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import { REGION } from '../service/account';
import type { Credentials } from '../service/contracts';
import { signedCall } from '../service/signed-call';
import type { StandInPorts } from './stand-in-settings';

/** Where the services of a local cloud listen. */
export interface Endpoints extends StandInPorts {
  /** The authority of the emulator's and the credential provider's certificates. */
  readonly caFile: string;
  /** Root's key of this cloud. */
  readonly root: Credentials;
  /** What the host of the devices and the stand-ins' control calls want to see, see local/service/control-token.ts. */
  readonly controlToken: string;
}

export type ClientEndpoints = Pick<
  Endpoints, 'emulator' | 'iot' | 'sageMaker' | 'greengrass' | 'applicationAutoScaling' | 'ecs' | 'codeBuild' | 'codeCommit' | 'caFile' | 'root'
>;

/** What every client of a local cloud is made with. This process started before the CA was made: hence the agent. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly requestHandler: { readonly httpsAgent: Agent };
}

/**
 * The connections of all clients that are made with the same settings. The SDK's `destroy` of one client ends its agent, and with it
 * what the others wait for.
 */
class SharedAgent extends Agent {
  public override destroy(): void {
    // the others go on
  }

  public close(): void {
    super.destroy();
  }
}

/** Clients for the services of a local cloud, as root unless credentials are given. */
export class Clients {
  public readonly cloudFormation: CloudFormationClient;
  public readonly codeBuild: CodeBuildClient;
  /** An operation of CodeCommit. */
  public readonly codeCommit: (operation: string, input: object) => Promise<Record<string, unknown>>;
  public readonly ecr: ECRClient;
  public readonly ecs: ECSClient;
  public readonly greengrass: GreengrassV2Client;
  public readonly iam: IAMClient;
  public readonly iot: IoTClient;
  public readonly lambda: LambdaClient;
  public readonly s3: S3Client;
  public readonly sageMaker: SageMakerClient;
  public readonly scaling: ApplicationAutoScalingClient;
  public readonly secrets: SecretsManagerClient;
  public readonly stepFunctions: SFNClient;
  public readonly sts: STSClient;
  /** For further clients of the emulator. */
  public readonly settings: ClientSettings;
  private readonly agent: SharedAgent;

  public constructor(endpoints: ClientEndpoints, credentials: Credentials = endpoints.root) {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    this.agent = new SharedAgent({ ca: fs.readFileSync(endpoints.caFile), keepAlive: true });
    const at = (endpoint: string): ClientSettings => ({
      endpoint,
      region: REGION,
      credentials,
      requestHandler: { httpsAgent: this.agent },
    });
    const emulator = at(endpoints.emulator);
    this.settings = emulator;
    this.cloudFormation = new CloudFormationClient(emulator);
    this.codeBuild = new CodeBuildClient(at(endpoints.codeBuild));
    this.codeCommit = (operation, input) => signedCall({
      service: 'CodeCommit', operation, input, endpoint: endpoints.codeCommit, region: REGION, credentials,
    });
    this.ecr = new ECRClient(emulator);
    this.ecs = new ECSClient(at(endpoints.ecs));
    this.greengrass = new GreengrassV2Client(at(endpoints.greengrass));
    this.iam = new IAMClient(emulator);
    this.iot = new IoTClient(at(endpoints.iot));
    this.lambda = new LambdaClient(emulator);
    this.s3 = new S3Client({ ...emulator, forcePathStyle: true });
    this.sageMaker = new SageMakerClient(at(endpoints.sageMaker));
    this.scaling = new ApplicationAutoScalingClient(at(endpoints.applicationAutoScaling));
    this.secrets = new SecretsManagerClient(emulator);
    this.stepFunctions = new SFNClient(emulator);
    this.sts = new STSClient(emulator);
  }

  /** Closes the connections, so that the process can end. */
  public close(): void {
    for (const client of [
      this.cloudFormation, this.codeBuild, this.ecr, this.ecs, this.greengrass, this.iam, this.iot, this.lambda, this.s3, this.sageMaker,
      this.scaling, this.secrets, this.stepFunctions, this.sts,
    ]) {
      client.destroy();
    }
    this.agent.close();
  }
}
