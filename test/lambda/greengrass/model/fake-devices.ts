import type { EffectiveDeployment, GetCoreDeviceCommandOutput } from '@aws-sdk/client-greengrassv2';
import type { SimulatedTime } from '../../cloudformation/time';
import type { FakeIot } from '../../identity/model/fake-iot';
import { fail } from '../../identity/model/fault';
import type { Deployment } from './fake-greengrass';

/** The machines behind the things: each reports to Greengrass as long as its certificate lets it. */
export class FakeDevices {
  /** What Greengrass knows. */
  public readonly cores = new Set<string>();
  /** How long a device takes for a deployment. */
  public takes = 1_000;
  /** What deployments that begin from now on come to, by turns. */
  public outcomes: readonly ('SUCCEEDED' | 'FAILED')[] = ['SUCCEEDED'];

  public constructor(private readonly time: SimulatedTime, private readonly iot: FakeIot) {}

  /** Each device that can says that it is there: Greengrass makes a core device of it, also of one that it has just forgotten. */
  public report(): void {
    for (const thing of this.iot.things.keys()) {
      if (this.isConnected(thing)) {
        this.cores.add(thing);
      }
    }
  }

  public forget(thing: string): void {
    if (!this.cores.delete(thing)) {
      throw fail('ResourceNotFoundException', `Core device ${thing} not found`, 404);
    }
  }

  /** What has become of deployments to the groups that it is in. */
  public effective(thing: string, deployments: readonly Deployment[]): EffectiveDeployment[] {
    this.report();
    if (!this.cores.has(thing)) {
      throw fail('ResourceNotFoundException', `Core device ${thing} not found`, 404);
    }
    return deployments.map((deployment) => ({
      deploymentId: deployment.id,
      deploymentName: deployment.id,
      targetArn: deployment.input.targetArn ?? '',
      creationTimestamp: new Date(deployment.created),
      modifiedTimestamp: new Date(Math.min(this.time.now, deployment.created + this.takes)),
      coreDeviceExecutionStatus: this.time.now < deployment.created + this.takes ? 'QUEUED' : this.outcome(deployment.id),
    }));
  }

  private outcome(deploymentId: string): 'SUCCEEDED' | 'FAILED' {
    return this.outcomes[Number(deploymentId.split('-')[1]) % this.outcomes.length] ?? 'SUCCEEDED';
  }

  /** No component of these devices ever breaks. */
  public status(thing: string): Pick<GetCoreDeviceCommandOutput, 'status' | 'lastStatusUpdateTimestamp'> {
    this.report();
    if (!this.cores.has(thing)) {
      throw fail('ResourceNotFoundException', `Core device ${thing} not found`, 404);
    }
    return { status: 'HEALTHY', lastStatusUpdateTimestamp: new Date(this.time.now) };
  }

  private isConnected(thing: string): boolean {
    const { certificates, policies } = this.iot;
    return this.iot.principals(thing).some((arn) => certificates.get(arn.split('/').pop() ?? '')?.status === 'ACTIVE'
      && [...policies.values()].some(({ document, targets }) => targets.has(arn) && document.includes('greengrass:')));
  }
}
