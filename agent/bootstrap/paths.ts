import * as path from 'node:path';

/** Where things are on the device. Everything below `root` but `data` is written by the bootstrap alone. */
export class DevicePaths {
  /** The generation that serves, by a link: what scripts use. */
  public readonly current: string;
  /** The socket that clients connect to, a link to the serving generation's. */
  public readonly socket: string;
  public readonly generations: string;
  public readonly store: string;
  /** The agents' own: a folder a generation for spool and optimised models, and the captures that stay on the device. */
  public readonly data: string;
  public readonly captures: string;

  public constructor(public readonly root: string, public readonly run: string) {
    this.current = path.join(root, 'current');
    this.socket = path.join(run, 'agent.sock');
    this.generations = path.join(root, 'generations');
    this.store = path.join(root, 'store');
    this.data = path.join(root, 'data');
    this.captures = path.join(this.data, 'captures');
  }

  public generation(id: string): string { return path.join(this.generations, id); }
  public generationData(id: string): string { return path.join(this.data, id); }
  public generationSocket(id: string): string { return path.join(this.run, `${id}.sock`); }
}
