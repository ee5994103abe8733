import type { ServiceError } from '../../service/errors';
import { inUse } from '../errors';
import { page, seconds, selected } from '../listing';
import type { ListRequest } from '../types';
import type { ContainerJob } from './life';

/** What lists of processing and training jobs are asked for. */
type JobListRequest = ListRequest & { readonly SortBy?: string; readonly StatusEquals?: string };

/** The jobs of one kind. A name is used once, for good. */
export class JobRecords<J extends ContainerJob> {
  private readonly jobs = new Map<string, J>();

  public constructor(private readonly kind: 'processing' | 'training', private readonly absent: (name: string) => ServiceError) {}

  /** Throws ResourceInUse, in the service's words for training jobs. */
  public checkName(name: string, arn: string): void {
    if (this.jobs.has(name)) {
      const first = this.kind.slice(0, 1).toUpperCase() + this.kind.slice(1);
      throw inUse(`${first} job names must be unique within an AWS account and region, and a ${this.kind} job with this name already exists (${arn})`);
    }
  }

  public add(job: J): void {
    this.jobs.set(job.name, job);
  }

  public get(name: string): J {
    const job = this.jobs.get(name);
    if (!job) {
      throw this.absent(name);
    }
    return job;
  }

  public all(): readonly J[] {
    return [...this.jobs.values()];
  }

  public page(request: JobListRequest): ReturnType<typeof page<J>> {
    const { StatusEquals, SortBy } = request;
    const jobs = selected(this.jobs.values(), request, (job) => sortKey(job, SortBy));
    return page(jobs.filter(({ status }) => StatusEquals === undefined || status === StatusEquals), request);
  }
}

/** What each Describe and each List calls alike. */
export function changeTimes({ createdAt, modifiedAt }: ContainerJob): object {
  return { CreationTime: seconds(createdAt), LastModifiedTime: seconds(modifiedAt) };
}

function sortKey(job: ContainerJob, by = 'CreationTime'): string | number {
  switch (by) {
    case 'Name': return job.name;
    case 'Status': return job.status;
    default: return job.createdAt;
  }
}
