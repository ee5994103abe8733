import { notFound } from '../errors';
import { page, seconds, selected } from '../listing';
import type { ListRequest } from '../types';

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

/** What a list call of Studio or MLflow asks for, in the words that most of SageMaker's have. */
interface Wanted extends Omit<ListRequest, 'SortOrder'> {
  /** Each service's own words: `Name`, `IMAGE_NAME`. */
  readonly SortBy?: string;
  readonly SortOrder?: string;
}

/** One page of a list; the newest first, unless it is asked for otherwise. */
export function listed<R>(
  records: readonly StudioRecord<R>[], nameOf: (request: R) => string, { SortBy = '', SortOrder = '', ...wanted }: Wanted,
): { readonly items: StudioRecord<R>[]; readonly NextToken?: string } {
  const dated = records.map((record) => {
    const { createdAt, modifiedAt, request } = record;
    return { record, name: nameOf(request), createdAt, modifiedAt };
  });
  const order = /^ascending$/i.test(SortOrder) ? 'Ascending' : 'Descending';
  const { items, ...rest } = page(selected(dated, { ...wanted, SortOrder: order }, (each) => {
    switch (SortBy.replace(/_/g, '').toLowerCase()) {
      case 'name': case 'imagename': return each.name;
      case 'status': return each.record.status;
      case 'lastmodifiedtime': return each.modifiedAt;
      default: return each.createdAt;
    }
  }), wanted);
  return { items: items.map(({ record }) => record), ...rest };
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
export function times(record: StudioRecord<unknown>): object {
  const { reason } = record;
  return { ...dates(record), ...reason === undefined ? {} : { FailureReason: reason } };
}

/** What every List answers besides. */
export function dates({ createdAt, modifiedAt }: StudioRecord<unknown>): object {
  return { CreationTime: seconds(createdAt), LastModifiedTime: seconds(modifiedAt) };
}
