import { createHash } from 'node:crypto';
import { StorageError, type Caller } from '../service/contracts';
import type { ArtifactReader } from './contracts';
import { conflict, invalid, notFound } from './errors';
import { record } from '../nucleus/recipe';
import { compare } from '../nucleus/versions';
import { checkCloudRecipe, type CloudRecipe } from './recipe-check';

/** AWS's own components that a deployment may name: any version of them is taken for one that exists. */
const PUBLIC_PREFIX = 'aws.greengrass.';

export type ComponentState = 'REQUESTED' | 'DEPLOYABLE' | 'FAILED';

export interface StoredComponent {
  readonly arn: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly publisher: string;
  readonly platforms: readonly Readonly<Record<string, string>>[];
  /** Seconds since 1970. */
  readonly created: number;
  /** With the digests of its artifacts. */
  recipe: string;
  state: ComponentState;
  message: string;
  tags: Map<string, string>;
}

/** Component versions: immutable, and deployable once their artifacts were found. */
export class ComponentStore {
  private readonly stored = new Map<string, StoredComponent>();

  public constructor(private readonly prefix: string, private readonly artifacts: ArtifactReader, private readonly delayMs: number) {}

  /** `components:<name>:versions:<version>` or, without a version, the component. */
  public arn(name: string, version?: string): string {
    return `${this.prefix}:components:${name}${version === undefined ? '' : `:versions:${version}`}`;
  }

  public create(caller: Caller, text: string, tags: ReadonlyMap<string, string>): StoredComponent {
    const recipe = checkCloudRecipe(text);
    const arn = this.arn(recipe.name, recipe.version);
    const before = this.stored.get(arn);
    if (before) {
      throw conflict('component', arn, existsText(before, tags));
    }
    const component: StoredComponent = {
      arn, name: recipe.name, version: recipe.version, description: recipe.description, publisher: recipe.publisher,
      platforms: recipe.platforms,
      created: Date.now() / 1000, recipe: text, state: 'REQUESTED', message: 'NONE', tags: new Map(tags),
    };
    this.stored.set(arn, component);
    void this.finish(component, recipe, caller);
    return component;
  }

  public get(arn: string): StoredComponent {
    const component = this.stored.get(arn);
    if (!component) {
      throw notFound('componentVersion', arn);
    }
    return component;
  }

  public find(name: string, version: string): StoredComponent | undefined {
    return this.stored.get(this.arn(name, version));
  }

  public delete(arn: string): void {
    this.get(arn);
    this.stored.delete(arn);
  }

  /** Newest first, by number. */
  public versions(name: string): StoredComponent[] {
    const versions = [...this.stored.values()].filter((component) => component.name === name);
    return versions.sort((a, b) => compare(numbers(b.version), numbers(a.version)));
  }

  public all(): StoredComponent[] {
    return [...this.stored.values()];
  }

  /** What a deployment may name. */
  public checkDeployable(name: string, version: string): void {
    if (name.startsWith(PUBLIC_PREFIX)) {
      return;
    }
    const component = this.find(name, version);
    if (!component) {
      throw invalid(`Component ${name} version ${version} does not exist`);
    }
    if (component.state !== 'DEPLOYABLE') {
      throw invalid(`Component ${name} version ${version} is ${component.state}, not DEPLOYABLE: ${component.message}`);
    }
  }

  /** Reads every artifact and notes its digest, as the service does after it has answered. */
  private async finish(component: StoredComponent, { document, uris }: CloudRecipe, caller: Caller): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, this.delayMs);
    });
    const digests = new Map<string, string>();
    for (const uri of uris.filter((candidate) => candidate.startsWith('s3://'))) {
      const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
      try {
        digests.set(uri, createHash('sha256').update(await this.artifacts.read(caller, bucket, key)).digest('base64'));
      } catch (error) {
        component.state = 'FAILED';
        component.message = `Failed to read the artifact ${uri}: ${error instanceof StorageError ? `${error.code}: ${error.message}` : String(error)}`;
        return;
      }
    }
    component.recipe = JSON.stringify(withDigests(document, digests));
    component.state = 'DEPLOYABLE';
    component.message = 'NONE';
  }
}

/**
 * AWS's two texts: with tags as in https://github.com/aws-greengrass/aws-greengrass-testing/issues/207, without as the guide
 * has it in "Troubleshoot AWS IoT Device Tester for AWS IoT Greengrass V2".
 */
function existsText({ arn, name, version, state }: StoredComponent, tags: ReadonlyMap<string, string>): string {
  const already = `Component [${name} : ${version}] for account [${arn.split(':')[4] ?? ''}] already exists`;
  return tags.size > 0 ? `${already} and can't be created again with tags.` : `${already} with state: [${state}]`;
}

function withDigests(value: unknown, digests: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withDigests(item, digests));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const object = Object.fromEntries(Object.entries(record(value)).map(([key, child]) => [key, withDigests(child, digests)]));
  const uri = Object.entries(object).find(([key]) => key.toLowerCase() === 'uri')?.[1];
  const digest = typeof uri === 'string' ? digests.get(uri) : undefined;
  return digest === undefined ? object : { ...object, Digest: digest, Algorithm: 'SHA-256' };
}

function numbers(version: string): number[] {
  return version.split(/[-+]/, 1).join().split('.').map(Number);
}
