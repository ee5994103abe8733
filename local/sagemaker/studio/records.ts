import { notFound } from '../errors';
import { seconds } from '../listing';

/** One thing of Studio, as it was asked for. */
export interface StudioRecord<R> {
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  request: R;
  status: string;
  reason?: string;
}

/** Things of one kind, by a key. */
export class Records<R> {
  private readonly records = new Map<string, StudioRecord<R>>();

  public constructor(private readonly kind: string) {}

  public add(key: string, arn: string, request: R, status: string): StudioRecord<R> {
    const now = Date.now();
    const record: StudioRecord<R> = { arn, createdAt: now, modifiedAt: now, request, status };
    this.records.set(key, record);
    return record;
  }

  public find(key: string): StudioRecord<R> | undefined {
    return this.records.get(key);
  }

  /** Throws ResourceNotFound. */
  public get(key: string): StudioRecord<R> {
    const record = this.records.get(key);
    if (record === undefined) {
      throw notFound(`${this.kind} [${key}] does not exist`);
    }
    return record;
  }

  public delete(key: string): void {
    this.records.delete(key);
  }

  public all(): StudioRecord<R>[] {
    return [...this.records.values()];
  }
}

export function enter(record: StudioRecord<unknown>, status: string, reason?: string): void {
  record.status = status;
  record.modifiedAt = Date.now();
  if (reason === undefined) {
    delete record.reason;
  } else {
    record.reason = reason;
  }
}

/** What every Describe answers besides. */
export function times({ createdAt, modifiedAt, reason }: StudioRecord<unknown>): object {
  return {
    CreationTime: seconds(createdAt),
    LastModifiedTime: seconds(modifiedAt),
    ...reason === undefined ? {} : { FailureReason: reason },
  };
}
