import { invalid } from './errors';
import type { ListRequest } from './types';

/** The service's default page. */
const PAGE = 10;

interface Dated {
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** One page; the token is the place of the next. */
export function page<T>(items: readonly T[], { MaxResults = PAGE, NextToken }: Pick<ListRequest, 'MaxResults' | 'NextToken'>): { readonly items: readonly T[]; readonly NextToken?: string } {
  const start = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) { throw invalid('The NextToken is not one that this service gave'); }
  const end = start + MaxResults;
  return { items: items.slice(start, end), ...end < items.length ? { NextToken: Buffer.from(String(end)).toString('base64') } : {} };
}

/** The records that a list call asks for, sorted by `key` (time of creation unless one is given). */
export function selected<T extends Dated>(records: Iterable<T>, request: ListRequest, key: (record: T) => string | number = (record) => record.createdAt): T[] {
  const { NameContains, CreationTimeAfter, CreationTimeBefore, LastModifiedTimeAfter, LastModifiedTimeBefore, SortOrder } = request;
  const chosen = [...records].filter(({ name, createdAt, modifiedAt }) =>
    (NameContains === undefined || name.includes(NameContains))
    && within(createdAt, CreationTimeAfter, CreationTimeBefore)
    && within(modifiedAt, LastModifiedTimeAfter, LastModifiedTimeBefore));
  const sign = SortOrder === 'Descending' ? -1 : 1;
  return chosen.sort((a, b) => sign * compare(key(a), key(b)));
}

/** Timestamps on the wire. */
export function seconds(milliseconds: number): number;
export function seconds(milliseconds: number | undefined): number | undefined;
export function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

function within(milliseconds: number, after = -Infinity, before = Infinity): boolean {
  return milliseconds / 1000 > after && milliseconds / 1000 < before;
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
