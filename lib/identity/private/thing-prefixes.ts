import { Construct } from 'constructs';
import { inStack } from '../../private/in-stack';

/** Things that share one policy: those whose names begin with a prefix. */
export interface ThingPrefix {
  /** What the policy belongs to: the fleet of the things, if it is a construct. */
  readonly owner: Construct;
  readonly prefix: string;
}

/**
 * The prefixes of a stack's things. They are not on the provider: a fleet whose things have neither a type nor a certificate needs
 * none.
 */
export class ThingPrefixes extends Construct {
  public static of(scope: Construct): ThingPrefixes {
    return inStack(scope, 'cdk-sagemaker-edge.ThingPrefixes', (stack, uid) => new ThingPrefixes(stack, uid));
  }

  private readonly prefixes: ThingPrefix[] = [];

  private constructor(scope: Construct, id: string) {
    super(scope, id);
  }

  public add(prefix: ThingPrefix): void {
    this.prefixes.push(prefix);
  }

  /** Adds a prefix without a construct of its own: a fleet that is only a name. */
  public addNamed(prefix: string): void {
    if (this.prefixes.every((known) => known.prefix !== prefix)) {
      this.prefixes.push({ owner: new Construct(this, prefix), prefix });
    }
  }

  /** The first that the name begins with. */
  public find(thingName: string | undefined): ThingPrefix | undefined {
    return this.prefixes.find(({ prefix }) => thingName?.startsWith(prefix));
  }
}
