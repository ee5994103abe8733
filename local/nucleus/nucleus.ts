import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareArtifacts, type FetchArtifact } from './artifacts';
import { Component, type ComponentPlan, type ComponentState } from './component';
import { save, withoutDigests } from './copies';
import { updated, type ConfigurationUpdate } from './configuration';
import { Ipc } from './ipc';
import { dependentsOf, inOrder } from './order';
import { matchingManifest, parseRecipe, type NucleusManifest, type NucleusRecipe } from './recipe';
import type { ComponentStatus } from './status';
import type { ComponentUser } from './step';
import { TOKEN_EXCHANGE, tokenExchangeLifecycle, type NucleusRole } from './token-exchange';
import { interpolate } from './variables';
import { satisfies } from './versions';
import { errorText } from '../service/errors';

/** What the nucleus itself answers for: no recipe of it is looked for. */
const BUILT_IN = ['aws.greengrass.Nucleus'];
/** Between two looks at the components of a deployment: a run step that fails three times before the next look fails the deployment. */
const LOOK_MS = 1000;

/** A deployment as a device gets it. */
export interface NucleusDeployment {
  readonly deploymentId: string;
  readonly components: Readonly<Record<string, ConfigurationUpdate & { readonly version: string }>>;
  readonly failurePolicy: 'ROLLBACK' | 'DO_NOTHING';
}

/** The end of a deployment on a device, in Greengrass's words. */
export interface NucleusOutcome {
  readonly status: 'SUCCESSFUL' | 'FAILED_NO_STATE_CHANGE' | 'FAILED_ROLLBACK_NOT_REQUESTED' | 'FAILED_ROLLBACK_COMPLETE' | 'FAILED_UNABLE_TO_ROLLBACK';
  /** In the nucleus's words, which are not those of a script: a component's own are in its log alone. */
  readonly reason?: string;
  readonly errorStack?: readonly string[];
  readonly errorTypes?: readonly string[];
}

/** A component, as the nucleus tells the cloud of it. */
export interface ComponentReport {
  readonly version: string;
  readonly state: ComponentState;
  readonly status?: ComponentStatus;
}

/** Where recipes and artifacts come from. */
export interface ComponentSource {
  /** The recipe, with the digests that the service added; undefined where there is no such version. */
  recipe(name: string, version: string): Promise<string | undefined>;
  /** The versions of a component that is not pinned, newest first. */
  versions(name: string): Promise<readonly string[]>;
  readonly fetch: FetchArtifact;
}

export interface NucleusOptions {
  /** The nucleus's root folder. */
  readonly root: string;
  readonly thingName: string;
  readonly source: ComponentSource;
  readonly role: NucleusRole;
  /** Whom components run as, which takes root's rights. Default: the user of this process. */
  readonly user?: ComponentUser;
  /** Given to every script: the region, the path. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where each recipe and artifact of a deployment is kept too, in the layout of a local deployment's folders. */
  readonly copies?: string;
}

type Configurations = ReadonlyMap<string, Readonly<Record<string, unknown>>>;
interface Installed { readonly components: ReadonlyMap<string, Component>; readonly configurations: Configurations }

/**
 * A nucleus as small as the tests of recipes need: it does what nucleus classic 2.18.2 was seen to do with a deployment,
 * step by step, and says what that one says. What it leaves out is in docs/local-nucleus.md.
 */
export class Nucleus {
  private installed: Installed = { components: new Map(), configurations: new Map() };
  private queue: Promise<unknown> = Promise.resolve();
  private readonly ipc: Ipc;

  public constructor(private readonly options: NucleusOptions) {
    fs.mkdirSync(options.root, { recursive: true });
    this.ipc = new Ipc(options.root, (component, state) => this.installed.components.get(component)?.report(state));
  }

  /** The components and their states. */
  public states(): Record<string, ComponentReport> {
    return Object.fromEntries([...this.installed.components].map(([name, { plan, state, status }]) => (
      [name, { version: plan.version, state, ...(status === undefined ? {} : { status }) }]
    )));
  }

  /** Carries deployments out one after the other. */
  public async deploy(deployment: NucleusDeployment): Promise<NucleusOutcome> {
    const result = this.queue.then(() => this.carryOut(deployment));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Stops everything, dependents first. */
  public async close(): Promise<void> {
    await this.queue;
    await stopAll([...this.installed.components.values()]);
    await this.ipc.close();
  }

  private async carryOut(deployment: NucleusDeployment): Promise<NucleusOutcome> {
    await this.ipc.start();
    let wanted: Installed;
    try {
      wanted = await this.plan(deployment);
    } catch (error) {
      return { status: 'FAILED_NO_STATE_CHANGE', reason: errorText(error) };
    }
    const before = this.installed;
    const broken = await this.moveTo(wanted, before);
    if (broken === undefined) {
      return { status: 'SUCCESSFUL' };
    }
    const failure = {
      reason: `Service ${broken} in broken state after deployment`,
      errorStack: ['DEPLOYMENT_FAILURE', 'COMPONENT_UPDATE_ERROR', 'COMPONENT_BROKEN'],
      errorTypes: ['USER_COMPONENT_ERROR'],
    };
    if (deployment.failurePolicy === 'DO_NOTHING') {
      return { status: 'FAILED_ROLLBACK_NOT_REQUESTED', ...failure };
    }
    const restored = { components: renewed(before.components, wanted.components), configurations: before.configurations };
    const again = await this.moveTo(restored, wanted);
    return { status: again === undefined ? 'FAILED_ROLLBACK_COMPLETE' : 'FAILED_UNABLE_TO_ROLLBACK', ...failure };
  }

  /** Stops what goes or changes, with its hard dependents; starts what is new or changed. Answers the first that is broken. */
  private async moveTo(wanted: Installed, before: Installed): Promise<string | undefined> {
    const touched = dependentsOf(
      [...wanted.components.values()],
      [...wanted.components].filter(([name, component]) => before.components.get(name) !== component).map(([name]) => name),
    );
    const gone = [...before.components.values()].filter(({ plan }) => !wanted.components.has(plan.name));
    await stopAll([...before.components.values()].filter((component) => touched.has(component.plan.name) || gone.includes(component)));
    for (const component of inOrder(gone).reverse()) {
      await component.uninstall();
    }
    this.installed = wanted;
    for (const component of inOrder([...wanted.components.values()])) {
      if (!touched.has(component.plan.name)) {
        continue;
      }
      if (component.plan.dependencies.some(({ name, hard }) => hard && wanted.components.get(name)?.state === 'BROKEN')) {
        continue;
      }
      await component.start();
    }
    if ([...touched].some((name) => wanted.components.get(name)?.runs === true)) {
      await sleep(LOOK_MS);
    }
    return [...wanted.components.values()].find(({ state }) => state === 'BROKEN')?.plan.name; // a leftover of an earlier deployment too
  }

  private async plan({ components }: NucleusDeployment): Promise<Installed> {
    const recipes = await this.resolve(components);
    const manifests = new Map<string, NucleusManifest>();
    for (const recipe of recipes.values()) {
      const manifest = matchingManifest(recipe, { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : 'aarch64' });
      if (!manifest) {
        throw new Error(`no manifest of ${recipe.name} ${recipe.version} is for this device`);
      }
      await prepareArtifacts(manifest.artifacts, this.folders(recipe), this.options.source.fetch);
      this.keepCopies(recipe, manifest);
      manifests.set(recipe.name, manifest);
    }
    const configurations = new Map([...recipes.values()].map(({ name, defaultConfiguration }) => (
      [name, updated(this.installed.configurations.get(name) ?? {}, defaultConfiguration, components[name] ?? {})]
    )));
    const planned = [...recipes.values()].map((recipe): [string, Component] => {
      const plan = this.planOf(recipe, manifests.get(recipe.name), configurations, recipes);
      const running = this.installed.components.get(recipe.name);
      return [recipe.name, running?.succeededBy(plan) ?? new Component(plan)];
    });
    return { components: new Map(planned), configurations };
  }

  /** The recipes of a deployment and of all that they need, dependencies first. */
  private async resolve(roots: NucleusDeployment['components']): Promise<Map<string, NucleusRecipe>> {
    const found = new Map<string, NucleusRecipe>();
    const pending = Object.entries(roots).map(([name, { version }]) => ({ name, requirement: `=${version}` }));
    for (let next = pending.shift(); next; next = pending.shift()) {
      const { name, requirement } = next;
      if (BUILT_IN.includes(name)) {
        continue;
      }
      const pinned = found.get(name)?.version ?? roots[name]?.version;
      const version = pinned ?? (await this.options.source.versions(name)).find((candidate) => satisfies(candidate, requirement));
      if (version === undefined || !satisfies(version, requirement)) {
        throw new Error(`No local or cloud component version satisfies the requirements ${name} ${requirement}${version === undefined ? '' : ` (${version} is in the deployment)`}`);
      }
      if (found.has(name)) {
        continue;
      }
      const text = await this.options.source.recipe(name, version);
      if (text === undefined) {
        throw new Error(`No local or cloud component version satisfies the requirements ${name} ${requirement}`);
      }
      const recipe = parseRecipe(text);
      if (this.options.copies !== undefined) {
        save(
          path.join(this.options.copies, 'recipes', `${name}-${version}.json`),
          `${JSON.stringify(withoutDigests(JSON.parse(text)), undefined, 2)}\n`,
        );
      }
      found.set(name, recipe);
      pending.push(...recipe.dependencies);
    }
    return found;
  }

  private planOf(
    recipe: NucleusRecipe, manifest: NucleusManifest | undefined, configurations: Configurations,
    recipes: ReadonlyMap<string, NucleusRecipe>,
  ): ComponentPlan {
    const { root, thingName, environment, role, user } = this.options;
    const scopeOf = ({ name, version }: { name: string; version: string }): {
      artifactsPath: string;
      unarchivedPath: string;
      configuration: Readonly<Record<string, unknown>>;
    } => {
      const { plain, unarchived } = this.folders({ name, version });
      return { artifactsPath: plain, unarchivedPath: unarchived, configuration: configurations.get(name) ?? {} };
    };
    const workPath = path.join(root, 'work', recipe.name);
    // A manifest's own hides the recipe's.
    const written = manifest && Object.keys(manifest.lifecycle).length > 0 ? manifest.lifecycle : recipe.lifecycle;
    const lifecycle = recipe.name === TOKEN_EXCHANGE ? tokenExchangeLifecycle(role) : written;
    const exchanges = recipe.dependencies.some(({ name }) => name === TOKEN_EXCHANGE);
    const interpolated = interpolate(lifecycle, {
      ...scopeOf(recipe), thingName, rootPath: root, workPath,
      dependencies: Object.fromEntries(recipe.dependencies.flatMap(({ name }) => {
        const other = recipes.get(name);
        return other ? [[name, scopeOf(other)]] : [];
      })),
    });
    return {
      name: recipe.name, version: recipe.version, workPath,
      dependencies: recipe.dependencies.filter(({ name }) => recipes.has(name)).map(({ name, hard }) => ({ name, hard })),
      lifecycle: typeof interpolated === 'object' && interpolated !== null ? Object.fromEntries(Object.entries(interpolated)) : {},
      environment: {
        ...environment, ...(exchanges ? role.environment : {}), ...this.ipc.environmentOf(recipe.name),
        AWS_IOT_THING_NAME: thingName, GGC_VERSION: '2.18.2',
      },
      artifactFolders: Object.values(this.folders(recipe)),
      ...(user === undefined ? {} : { user }),
      logFile: path.join(root, 'logs', `${recipe.name}.log`),
    };
  }

  private folders({ name, version }: { name: string; version: string }): { plain: string; unarchived: string } {
    const packages = path.join(this.options.root, 'packages');
    return {
      plain: path.join(packages, 'artifacts', name, version),
      unarchived: path.join(packages, 'artifacts-unarchived', name, version),
    };
  }

  private keepCopies(recipe: NucleusRecipe, manifest: NucleusManifest): void {
    if (this.options.copies === undefined) {
      return;
    }
    for (const { uri } of manifest.artifacts) {
      const name = uri.slice(uri.lastIndexOf('/') + 1);
      save(
        path.join(this.options.copies, 'artifacts', recipe.name, recipe.version, name),
        fs.readFileSync(path.join(this.folders(recipe).plain, name)),
      );
    }
  }
}

/** A rollback starts what was changed anew, in the same plan; the rest runs on. */
function renewed(before: ReadonlyMap<string, Component>, after: ReadonlyMap<string, Component>): Map<string, Component> {
  return new Map([...before].map(([name, component]) => {
    const changed = after.get(name);
    if (changed === component && component.state !== 'BROKEN') {
      return [name, component];
    }
    return [name, changed?.succeededBy(component.plan) ?? new Component(component.plan)];
  }));
}

async function stopAll(components: readonly Component[]): Promise<void> {
  for (const component of inOrder(components).reverse()) {
    await component.stop();
  }
}
