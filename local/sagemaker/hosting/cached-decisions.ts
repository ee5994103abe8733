import type { Caller, CallerAuthority } from '../../service/contracts';

const FRESH_MS = 1000;
const MOST = 1000;

type Decisions = Pick<CallerAuthority, 'authorize' | 'mayPassRole'>;

/** What IAM has decided about a caller, an action and a resource holds for a second: the emulator takes milliseconds for each. */
export class CachedDecisions implements Decisions {
  private readonly decided = new Map<string, { readonly at: number; readonly answer: Promise<boolean> }>();

  public constructor(private readonly authority: Decisions) {}

  public async authorize(caller: Caller, action: string, resourceArn: string): Promise<boolean> {
    const key = [caller.roleArn ?? caller.arn, ...caller.sessionPolicies ?? [], action, resourceArn].join(' ');
    const known = this.decided.get(key);
    if (known && Date.now() - known.at < FRESH_MS) {
      return known.answer;
    }
    if (this.decided.size >= MOST) {
      this.decided.clear();
    }
    const answer = this.authority.authorize(caller, action, resourceArn);
    this.decided.set(key, { at: Date.now(), answer });
    answer.catch(() => {
      this.decided.delete(key);
    });
    return answer;
  }

  public async mayPassRole(caller: Caller, roleArn: string, service: string): Promise<boolean> {
    return this.authority.mayPassRole(caller, roleArn, service);
  }
}
