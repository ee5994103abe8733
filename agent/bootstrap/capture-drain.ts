import { readdir, rm } from 'node:fs/promises';
import type { AgentHost, Generation } from './contracts';
import type { Generations } from './generation';
import type { DevicePaths } from './paths';
import { names } from './store';

/**
 * Captures that an agent accepted and could not upload before another took its place (no network, say) are still in
 * its spool. Its generation runs again, unseen by clients and without models, until the spool is empty.
 */
export class CaptureDrain {
  public constructor(private readonly paths: DevicePaths, private readonly generations: Generations, private readonly host: AgentHost) {}

  /** Generations that still hold captures, but for the one that serves. */
  public async unfinished(current: string | undefined): Promise<Generation[]> {
    const found: Generation[] = [];
    for (const id of await this.others(current)) {
      const generation = await this.hasSpool(id) ? await this.generations.recorded(id) : undefined;
      if (generation !== undefined) {
        found.push(generation);
      }
    }
    return found;
  }

  public async step(current: string | undefined): Promise<void> {
    const unfinished = await this.unfinished(current);
    for (const generation of unfinished) {
      await this.host.start(generation);
    }
    for (const id of await this.others(current)) {
      if (unfinished.some((generation) => generation.id === id) || await this.hasSpool(id)) {
        continue;
      }
      await this.host.stop(id);
      await rm(this.paths.generationData(id), { recursive: true, force: true });
    }
  }

  /** Data folders of generations other than the one that serves. */
  private async others(current: string | undefined): Promise<string[]> {
    return (await names(this.paths.data)).filter((name) => /^[0-9a-f]{12}$/.test(name) && name !== current);
  }

  private async hasSpool(id: string): Promise<boolean> {
    return (await readdir(this.paths.generationData(id), { recursive: true })).some((file) => file.endsWith('.spool'));
  }
}
