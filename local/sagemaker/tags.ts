import type { Right } from '../service/operation';
import { invalid } from './errors';
import { page } from './listing';
import type { SageMakerOperations, Tags } from './types';

const MAX_TAGS = 50;

/** The tags of every resource that exists; so it also knows which exist. */
export class TagStore {
  private readonly resources = new Map<string, Map<string, string>>();

  public create(arn: string, tags: Tags = []): void {
    checkKeys(tags);
    this.resources.set(arn, new Map(tags.map(({ Key, Value }) => [Key, Value])));
  }

  public delete(arn: string): void {
    this.resources.delete(arn);
  }

  public of(arn: string): Tags {
    return [...this.get(arn)].map(([Key, Value]) => ({ Key, Value }));
  }

  public operations(): SageMakerOperations {
    return {
      AddTags: {
        resources: ({ ResourceArn }) => [ResourceArn],
        run: ({ ResourceArn, Tags }) => {
          this.add(ResourceArn, Tags);
          return { Tags: this.of(ResourceArn) };
        },
      },
      DeleteTags: {
        resources: ({ ResourceArn }) => [ResourceArn],
        run: ({ ResourceArn, TagKeys }) => {
          const tags = this.get(ResourceArn);
          for (const key of TagKeys) { tags.delete(key); }
          return {};
        },
      },
      ListTags: {
        resources: ({ ResourceArn }) => [ResourceArn],
        run: (input) => {
          const { items, NextToken } = page(this.of(input.ResourceArn), { ...input, MaxResults: input.MaxResults ?? MAX_TAGS });
          return { Tags: items, NextToken };
        },
      },
    };
  }

  private add(arn: string, tags: Tags): void {
    checkKeys(tags);
    const merged = new Map([...this.get(arn), ...tags.map(({ Key, Value }) => [Key, Value] as const)]);
    if (merged.size > MAX_TAGS) { throw invalid(`A resource has at most ${MAX_TAGS} tags, ${arn} would have ${merged.size}`); }
    this.resources.set(arn, merged);
  }

  private get(arn: string): Map<string, string> {
    const tags = this.resources.get(arn);
    if (!tags) { throw invalid(`Could not find resource: ${arn}`); }
    return tags;
  }
}

/** Done before a resource is made, so that a refusal leaves nothing. */
export function checkKeys(tags: Tags = []): void {
  const keys = new Set<string>();
  for (const { Key } of tags) {
    if (keys.has(Key)) { throw invalid(`Duplicate tag keys found: ${Key}`); }
    keys.add(Key);
  }
}

/** What a caller needs besides to make resources with tags. */
export function taggingRights(tags: Tags = [], arns: readonly string[]): readonly Right[] {
  return tags.length === 0 ? [] : arns.map((arn) => ['sagemaker:AddTags', arn]);
}
