import { Stack, Stage, Token } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { ValidationError } from './validation';
import { inStack } from './in-stack';

/** That a construct is the one that has a name, or the one for what has it. */
export interface Claim {
  readonly owner: Construct;
  readonly kind: string;
  readonly name: string;
  /** In whose account and region. */
  readonly place: IConstruct;
}

/** The physical names that the constructs of a stack give to what they define. */
class PhysicalNames extends Construct {
  public static of(scope: Construct): PhysicalNames {
    return inStack(scope, 'cdk-sagemaker-edge.PhysicalNames', (stack, uid) => new PhysicalNames(stack, uid));
  }

  private readonly claims: Claim[] = [];

  private constructor(scope: Construct, id: string) {
    super(scope, id);
  }

  /** Returns the claim of another construct of the app in the same place, or else keeps this one. */
  public claim(claim: Claim): Claim | undefined {
    const ofApp = this.node.root.node.findAll().flatMap((node) => node instanceof PhysicalNames ? node.claims : []);
    const other = ofApp.find(({ owner, kind, name, place }) => (
      kind === claim.kind && name === claim.name && isAttached(owner) && isSamePlace(place, claim.place)
    ));
    if (other === undefined) {
      this.claims.push(claim);
    }
    return other;
  }
}

/**
 * Throws where another construct of the app has given this name to something of the same kind, in the same account and
 * region as far as synth knows: the deployment of the second would fail, or take the first one's resource over.
 *
 * @param kind what has the name, for example "thing"
 */
export function claimName(owner: Construct, kind: string, name: string | undefined): void {
  if (name === undefined || Token.isUnresolved(name)) {
    return;
  }
  const other = claim({ owner, kind, name, place: owner });
  if (other !== undefined) {
    throw new ValidationError(
      owner,
      `the name of a ${kind} must be unique in an account and region, got '${name}', which ${other.node.path} has: `
      + 'give it another name, for example with the name of the stage in it',
    );
  }
}

/** Returns the construct of the app that has claimed the same in the same place, or else keeps the claim. */
export function claim(wanted: Claim): Construct | undefined {
  return PhysicalNames.of(wanted.owner).claim(wanted)?.owner;
}

/** False for what somebody has removed from the tree again. */
function isAttached(construct: IConstruct): boolean {
  return construct.node.scopes.every(({ node }) => node.scope === undefined || node.scope.node.tryFindChild(node.id)?.node === node);
}

/**
 * Whether two constructs are in one account and region, as far as synth knows. Where both leave it to the command line,
 * the stage decides: two stages may be deployed with the credentials of two accounts.
 */
function isSamePlace(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  let isKnown = true;
  for (const what of ['account', 'region'] as const) {
    const [isOpen, isOtherOpen] = [Token.isUnresolved(a[what]), Token.isUnresolved(b[what])];
    if (isOpen !== isOtherOpen || (!isOpen && a[what] !== b[what])) {
      return false;
    }
    isKnown &&= !isOpen;
  }
  return isKnown || Stage.of(one) === Stage.of(other);
}
