import * as fs from 'node:fs';
import * as path from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { LocalCloud } from '../../local/cloud/cloud';
import { deployBridge } from '../../local/cloud/deploy';
import { cloudEnvironment } from '../../local/cloud/environment';
import { CHECKOUT, LocalFolder } from '../../local/cloud/folder';
import { findLeftovers } from '../../local/cloud/leftovers';
import { SilentProgress } from '../../local/cloud/progress';
import { typeScriptApp, type CdkResult } from '../../local/cloud/cdk';
import type { EndpointSettings } from '../../local/cloud/stand-in-settings';
import type { JobDelays } from '../../local/sagemaker/contracts';
import type { RequestLogEntry } from '../../local/service/contracts';
import { tokenHeader } from '../../local/service/control-token';
import { Session } from '../../local/cloud/session';
import { readState, recorded, StateFile, stopRecorded } from '../../local/cloud/state';

export interface StartOptions {
  readonly delays?: JobDelays;
  readonly endpoints?: EndpointSettings;
  /** Default: false. */
  readonly experiments?: boolean;
}

export interface AppCall {
  /** TypeScript file of a CDK app; relative to the checkout. */
  readonly app: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: all stacks. */
  readonly stacks?: readonly string[];
}

/** A local cloud of a test's own, bootstrapped and with the bridge. Shares the Python environment with `npm run local`. */
export class TestCloud {
  private constructor(public readonly session: Session, public readonly cloud: LocalCloud) {}

  /** `name` must be unique among the tests that run at a time: it is the folder's name. */
  public static async start(name: string, options: StartOptions = {}): Promise<TestCloud> {
    const folder = LocalFolder.at(path.join(CHECKOUT, '.local', `test-${name}`));
    const stale = readState(folder);
    if (stale) { // a run that was killed
      await stopRecorded(folder, stale);
    }
    folder.make();
    const state = new StateFile(folder, { startedAt: new Date().toISOString(), processes: [] });
    const session = new Session((groups) => {
      state.update({ processes: recorded(groups) });
    });
    try {
      const cloud = await LocalCloud.start({ session, folder, progress: new SilentProgress(), state, prebuilt: true, ...options });
      await deployBridge(cloud);
      return new TestCloud(session, cloud);
    } catch (error) {
      await session.stopAll();
      throw error;
    }
  }

  /** Deploys; throws with the stack's reasons if that fails. */
  public async deploy(call: AppCall): Promise<CdkResult> {
    return this.cloud.cdk.must(this.call('deploy', call));
  }

  /** Deploys, and gives the CLI's exit code and output whatever they are. */
  public async tryDeploy(call: AppCall): Promise<CdkResult> {
    return this.cloud.cdk.run(this.call('deploy', call));
  }

  public async destroy(call: AppCall): Promise<CdkResult> {
    return this.cloud.cdk.must(this.call('destroy', call));
  }

  public async tryDestroy(call: AppCall): Promise<CdkResult> {
    return this.cloud.cdk.run(this.call('destroy', call));
  }

  public async outputs(stack: string): Promise<Record<string, string>> {
    const { Stacks: [found] = [] } = await this.cloud.clients.cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    return Object.fromEntries((found?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  public async stackStatus(stack: string): Promise<string | undefined> {
    const { Stacks: [found] = [] } = await this.cloud.clients.cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    return found?.StackStatus;
  }

  /** What is in the account beside the bootstrap's and the bridge's resources. */
  public async leftovers(): Promise<string[]> {
    return findLeftovers(this.cloud.clients, { withBridge: true });
  }

  /** Each call that the stand-ins answered, oldest first. */
  public requests(): RequestLogEntry[] {
    return fs.readFileSync(this.cloud.folder.requests, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as RequestLogEntry);
  }

  /** Arms a fault of the SageMaker stand-in: see local/sagemaker/server.ts. */
  public async fault(fault: Readonly<Record<string, unknown>>): Promise<void> {
    const response = await fetch(`${this.cloud.endpoints.sageMaker}/_stand-in/faults`, {
      method: 'POST', headers: this.control, body: JSON.stringify(fault),
    });
    if (!response.ok) {
      throw new Error(`the stand-in refused the fault: ${await response.text()}`);
    }
  }

  /** Forgets all faults of the SageMaker stand-in. */
  public async noFaults(): Promise<void> {
    await fetch(`${this.cloud.endpoints.sageMaker}/_stand-in/faults`, { method: 'DELETE', headers: this.control });
  }

  /** Declares what an instance of an endpoint bears: see local/sagemaker/server.ts. */
  public async capacity(capacity: Readonly<Record<string, unknown>>): Promise<void> {
    const response = await fetch(`${this.cloud.endpoints.sageMaker}/_stand-in/capacity`, {
      method: 'POST', headers: this.control, body: JSON.stringify(capacity),
    });
    if (!response.ok) {
      throw new Error(`the stand-in refused the capacity: ${await response.text()}`);
    }
  }

  /** Ends all jobs of the stand-in, and forgets everything, faults too. */
  public async resetStandIn(): Promise<void> {
    await fetch(`${this.cloud.endpoints.sageMaker}/_stand-in/reset`, { method: 'POST', headers: this.control });
  }

  /** The stand-in's own view: jobs, fleets and devices with their tags. */
  public async standInState(): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.cloud.endpoints.sageMaker}/_stand-in/state`, { headers: this.control });
    return await response.json() as Record<string, unknown>;
  }

  /** For the stand-ins' control calls and the host of the devices. */
  public get control(): { readonly authorization: string } {
    return tokenHeader(this.cloud.endpoints.controlToken);
  }

  /** For programs that are to talk to this cloud as root. */
  public get environment(): Record<string, string | undefined> {
    return cloudEnvironment(this.cloud.folder, this.cloud.endpoints);
  }

  public async stop(): Promise<void> {
    this.cloud.close();
    const { folder } = this.cloud;
    await this.session.stopAll();
    const state = readState(folder);
    if (state) {
      await stopRecorded(folder, state);
    }
  }

  private call(verb: 'deploy' | 'destroy', { app, stacks = [], context, env }: AppCall): Parameters<LocalCloud['cdk']['run']>[0] {
    const which = stacks.length > 0 ? [...stacks, '--exclusively'] : ['--all'];
    const args = verb === 'deploy' ? [
      'deploy', ...which, '--require-approval', 'never', '--progress', 'events',
    ] : ['destroy', ...which, '--force'];
    return { name: verb, args, app: typeScriptApp(path.resolve(CHECKOUT, app)), ...(context ? { context } : {}), ...(env ? { env } : {}) };
  }
}
