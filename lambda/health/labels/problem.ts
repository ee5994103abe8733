/** Why a capture or a file of captures is not exported. */
export const SKIPS = ['NoRecord', 'BadReason', 'NoInput', 'BadTensor', 'BadReference', 'TooLarge', 'Unreadable'] as const;
export type Skip = (typeof SKIPS)[number];

/** A capture that cannot be exported, now or later. The run goes on without it. */
export class SkippedCapture extends Error {
  public constructor(public readonly skip: Skip, message: string) {
    super(message);
    this.name = 'SkippedCapture';
  }
}

/** What was skipped for one problem. */
export interface Skipped {
  readonly problem: Skip;
  readonly count: number;
  /** Where the first was, and what was wrong with it. */
  readonly first: string;
}

/** Counts by problem. */
export class SkipCounts {
  private readonly found = new Map<Skip, { count: number; readonly first: string }>();

  public add(skip: Skip, where: string, message: string): void {
    const entry = this.found.get(skip) ?? { count: 0, first: `${where}: ${message}`.slice(0, 400) };
    entry.count += 1;
    this.found.set(skip, entry);
  }

  public list(): Skipped[] {
    return SKIPS.flatMap((problem) => {
      const entry = this.found.get(problem);
      return entry === undefined ? [] : [{ problem, ...entry }];
    });
  }
}
