import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Nucleus, type NucleusDeployment, type NucleusOptions } from '../../../local/nucleus/nucleus';

/** A component as a test writes it: a lifecycle, and what it wants of the rest. */
export interface TestComponent {
  readonly lifecycle?: Readonly<Record<string, unknown>>;
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly artifacts?: readonly unknown[];
  readonly platform?: Readonly<Record<string, string>>;
  /** Keys of the recipe itself. */
  readonly recipe?: Readonly<Record<string, unknown>>;
}

export function recipeOf(name: string, version: string, component: TestComponent): Record<string, unknown> {
  const { lifecycle = {}, configuration, dependencies, artifacts = [], platform = { os: 'linux', runtime: '*' }, recipe = {} } = component;
  return {
    RecipeFormatVersion: '2020-01-25', ComponentName: name, ComponentVersion: version,
    ...(configuration === undefined ? {} : { ComponentConfiguration: { DefaultConfiguration: configuration } }),
    ...(dependencies === undefined ? {} : { ComponentDependencies: dependencies }),
    Manifests: [{ Platform: platform, Lifecycle: lifecycle, Artifacts: artifacts }],
    ...recipe,
  };
}

export interface FixtureOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly parent?: string;
  readonly roleAlias?: string;
  readonly user?: NucleusOptions['user'];
}

/** Nobody, where the tests run as root, who alone may start processes as another user. */
export const OTHER_USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

/** A nucleus with components from memory, in a folder of its own. */
export class NucleusFixture {
  public readonly folder: string;
  public readonly objects = new Map<string, Buffer>();
  public readonly nucleus: Nucleus;
  private readonly recipes = new Map<string, string>();

  public constructor({ environment = {}, parent = os.tmpdir(), roleAlias = 'alias', user }: FixtureOptions = {}) {
    this.folder = fs.mkdtempSync(path.join(parent, 'nucleus-'));
    fs.chmodSync(this.folder, user === undefined ? 0o700 : 0o777);
    this.nucleus = new Nucleus({
      root: path.join(this.folder, 'root'), thingName: 'camera-1', copies: path.join(this.folder, 'copies'),
      ...(user === undefined ? {} : { user }),
      role: { roleAlias, environment: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://localhost:1/' } },
      environment: { PATH: process.env.PATH ?? '', AWS_REGION: 'us-east-1', OUT: this.folder, ...environment },
      source: {
        recipe: (name, version) => Promise.resolve(this.recipes.get(`${name}:${version}`)),
        versions: (name) => Promise.resolve(
          [...this.recipes.keys()].filter((key) => key.startsWith(`${name}:`)).map((key) => key.slice(name.length + 1)).reverse(),
        ),
        fetch: (uri) => {
          const object = this.objects.get(uri);
          return object ? Promise.resolve(object) : Promise.reject(new Error(`no object ${uri}`));
        },
      },
    });
  }

  public add(name: string, version: string, component: TestComponent): void {
    this.addRecipe(recipeOf(name, version, component));
  }

  public addRecipe(recipe: Readonly<Record<string, unknown>>): void {
    this.recipes.set(`${String(recipe.ComponentName)}:${String(recipe.ComponentVersion)}`, JSON.stringify(recipe));
  }

  public async deploy(components: Readonly<Record<string, string | NucleusDeployment['components'][string]>>, failurePolicy: NucleusDeployment['failurePolicy'] = 'ROLLBACK') {
    return this.nucleus.deploy({
      deploymentId: 'deployment', failurePolicy,
      components: Object.fromEntries(Object.entries(components).map(([name, value]) => [
        name,
        typeof value === 'string' ? { version: value } : value,
      ])),
    });
  }

  public read(...parts: string[]): string {
    return fs.readFileSync(path.join(this.folder, ...parts), 'utf8');
  }

  public exists(...parts: string[]): boolean {
    return fs.existsSync(path.join(this.folder, ...parts));
  }

  public async close(): Promise<void> {
    await this.nucleus.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
