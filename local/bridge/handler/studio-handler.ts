import { setTimeout as sleep } from 'node:timers/promises';
import { isNamed, type Identity, type Outcome, type Properties, type ResourceHandler } from './resource';
import { without } from './typed';

const POLL_MS = 100;
const POLLS = 4000; // 400 s and the calls; the function ends after BRIDGE_MINUTES
/** What ends a wait: the name of the state, in each kind's own spelling. */
const READY = ['InService', 'CREATED', 'Created'];
const FAILED = /fail/i;

type Values = Readonly<Record<string, string>>;

/** What is at an ID: its state, where the kind has states, and what Fn::GetAtt gives. */
interface Found {
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
}

/** One resource type: the calls for it. An ID is all that the calls need. */
export interface Kind {
  readonly create: (properties: Properties, identity: Identity) => Promise<string>;
  readonly describe: (id: string) => Promise<Found>;
  /** Without it, each change is a replacement. */
  readonly update?: (id: string, properties: Properties) => Promise<unknown>;
  /** Whether what is at an ID is as the properties say: the emulator rolls an update back whose replacement was never made. */
  readonly is?: (id: string, properties: Properties) => Promise<boolean>;
  /** Properties whose change is a replacement in spite of `update`. */
  readonly fixed?: readonly string[];
  readonly delete: (id: string) => Promise<unknown>;
}

/** A resource type whose calls are all of one form: waits until a thing is there, or gone. */
export class StudioHandler implements ResourceHandler {
  public constructor(private readonly kind: Kind) {}

  public async create(properties: Properties, identity: Identity): Promise<Outcome> {
    const id = await this.kind.create(plain(properties), identity);
    try {
      return { physicalId: id, attributes: await this.untilReady(id) };
    } catch (error) {
      await this.delete(id); // CloudFormation deletes what it could not finish
      throw error;
    }
  }

  public async update(physicalId: string, properties: Properties, old: Properties, identity: Identity): Promise<Outcome> {
    const { fixed = [], is, update } = this.kind;
    const isAsIs = await is?.(physicalId, plain(properties)) ?? false;
    const isChanged = !isAsIs && JSON.stringify(plain(properties)) !== JSON.stringify(plain(old));
    const isFixed = fixed.some((name) => JSON.stringify(properties[name]) !== JSON.stringify(old[name]));
    if (isChanged && (update === undefined || isFixed)) {
      return this.create(properties, identity);
    }
    if (isChanged) {
      await update?.(physicalId, plain(properties));
    }
    return { physicalId, attributes: await this.untilReady(physicalId) };
  }

  public async delete(physicalId: string): Promise<void> {
    try {
      await this.kind.delete(physicalId);
      for (let polls = 0; polls < POLLS; polls += 1) { // until it is not found
        const { reason, status = '' } = await this.kind.describe(physicalId);
        if (FAILED.test(status) && status.startsWith('Delete')) {
          throw new Error(`${physicalId} could not be deleted: ${reason ?? ''}`);
        }
        await sleep(POLL_MS);
      }
      throw new Error(`${physicalId} is not deleted yet`);
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFound')) {
        throw error;
      }
    }
  }

  private async untilReady(id: string): Promise<Values> {
    for (let polls = 0; polls < POLLS; polls += 1) {
      const { attributes, reason, status } = await this.kind.describe(id);
      if (status === undefined || READY.includes(status)) {
        return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value ?? '')]));
      }
      if (FAILED.test(status)) {
        throw new Error(`${id} did not stabilize: ${reason ?? status}`);
      }
      await sleep(POLL_MS);
    }
    throw new Error(`${id} is not there yet`);
  }
}

/** Tags are set when a thing is made; a change of tags alone is not modelled. */
function plain(properties: Properties): Properties {
  return without(properties);
}
