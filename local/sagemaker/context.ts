import type { Arns } from './arns';
import type { ContainerJobRunner } from './container-job/life';
import type { StandInOptions } from './contracts';
import type { Faults } from './faults';
import type { JobRunner } from './job';
import type { TagStore } from './tags';

/** What the parts of the stand-in share. */
export interface Context {
  readonly options: StandInOptions;
  readonly arns: Arns;
  readonly tags: TagStore;
  readonly runner: JobRunner;
  readonly containerRunner: ContainerJobRunner;
  readonly faults: Faults;
}
