import { SagemakerEdgeClient, SendHeartbeatCommand } from '@aws-sdk/client-sagemaker-edge';
import type { Endpoints } from '../../local/cloud/clients';
import type { Credentials } from '../../local/service/contracts';

/** The edge runtime API as a device. */
export class SageMakerRuntimeEdgeClient {
  private readonly client: SagemakerEdgeClient;

  public constructor({ sageMaker }: Endpoints, credentials: Credentials | undefined) {
    this.client = new SagemakerEdgeClient({ endpoint: sageMaker, region: 'us-east-1', ...(credentials ? { credentials } : {}) });
  }

  /** `accepted`, or the refusal. */
  public async heartbeat(DeviceFleetName: string, DeviceName: string): Promise<string> {
    try {
      await this.client.send(new SendHeartbeatCommand({ AgentVersion: '1.0', DeviceFleetName, DeviceName }));
      return 'accepted';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
