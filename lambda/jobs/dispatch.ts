import type { CompilationJobResourceType, PackagingJobResourceType } from '../../lib/jobs/contract';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import type { Surroundings } from './client';
import { CompilationJob } from './compilation-job';
import type { Started, WaitingEvent } from './events';
import { JobHandler, type JobFactory } from './job-handler';
import { PackagingJob } from './packaging-job';
import { parseCompilationJob, parsePackagingJob } from './parse';

const COMPILATION: CompilationJobResourceType = 'Custom::SageMakerEdge-CompilationJob';
const PACKAGING: PackagingJobResourceType = 'Custom::SageMakerEdge-PackagingJob';

/** First phase: starts what the event asks for. */
export function onEvent(event: ResourceEvent, world: Surroundings): Promise<Started> {
  return handlerFor(event, world).onEvent(event);
}

/** Second phase, every few seconds until it says so. */
export function isComplete(event: WaitingEvent, world: Surroundings): Promise<IsCompleteResult> {
  return handlerFor(event, world).isComplete(event);
}

function handlerFor(event: ResourceEvent, world: Surroundings): JobHandler {
  const factories: Readonly<Record<string, JobFactory>> = {
    [COMPILATION]: (properties) => new CompilationJob(world.jobs, parseCompilationJob(properties)),
    [PACKAGING]: (properties) => new PackagingJob(world.jobs, parsePackagingJob(properties)),
  };
  const factory = factories[event.ResourceType];
  if (factory === undefined) { throw new Error(`no handler for the resource type '${event.ResourceType}'`); }
  return new JobHandler(world, factory, event);
}
