import type { Network } from '../../../jobs/network';
import type { CheckedTrial } from './checked-props';
import type { Job } from './jobs';

/** All that the definition is made of. Texts may hold tokens; a key of the cache is known at synth. */
export interface DefinitionInputs {
  readonly partition: string;
  readonly jobPrefix: string;
  readonly bucket: string;
  readonly maxConcurrency: number;
  readonly experiment: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Of all jobs. */
  readonly network: Network;
  readonly baseBranch: string;
  /** The name of the repository in CodeCommit, which is asked for the commit of its base branch. */
  readonly codeCommit?: string;
  readonly trials: readonly (CheckedTrial & { readonly processKey: string; readonly trainKey: string; readonly evaluateKey: string })[];
  readonly outputs: readonly string[];
  readonly processing: Stage;
  readonly training: Stage & { readonly metrics: Readonly<Record<string, string>>; readonly maxSpotSeconds?: number };
  readonly evaluation?: Evaluation;
  readonly registration?: Registration;
  readonly objective: { readonly metricName: string; readonly isLargest: boolean };
}

/** A script in its job. */
export interface Stage {
  readonly job: Job;
  readonly roleArn: string;
}

/** The script that measures a model. */
export interface Evaluation extends Stage {
  readonly metrics: Readonly<Record<string, string>>;
}

/** The script that registers the winner. `key`: the hash of all that changes what it does, but for the model. */
export interface Registration extends Stage {
  readonly key: string;
  readonly arguments: readonly string[];
  readonly trackingUri: string;
}
