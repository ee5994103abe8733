import type { Clients } from './clients';

/** What one kind of resource has left in the account, by its service's own list. */
export interface LeftoverList {
  /** In words. */
  readonly kind: string;
  readonly list: (clients: Clients) => Promise<string[]>;
}

export function names<T>(entries: readonly T[] | undefined, name: (entry: T) => string | undefined): string[] {
  return (entries ?? []).flatMap((entry) => name(entry) ?? []);
}
