import type { CompilationJobResourceType, PackagingJobResourceType } from '../../lib/jobs/contract';
import type { HandlerTable } from '../shared/resource-handler';
import { CompilationJob } from './compilation-job';
import type { Dependencies } from './dependencies';
import { JobHandler } from './job-handler';
import { PackagingJob } from './packaging-job';
import { parseCompilationJob, parsePackagingJob } from './parse';

/** The custom resources that this function serves. */
export const RESOURCES: HandlerTable<CompilationJobResourceType | PackagingJobResourceType, Dependencies> = {
  'Custom::SageMakerEdge-CompilationJob': (dependencies, event) => new JobHandler(dependencies, event,
    (properties) => new CompilationJob(dependencies.jobs, parseCompilationJob(properties))),
  'Custom::SageMakerEdge-PackagingJob': (dependencies, event) => new JobHandler(dependencies, event,
    (properties) => new PackagingJob(dependencies.jobs, parsePackagingJob(properties))),
};
