import { randomBytes } from 'node:crypto';
import type { Credentials } from '../service/contracts';
import type { KeyRing } from '../service/gate';

const GIVEN = new RegExp([
  String.raw`<AccessKeyId>(\w+)</AccessKeyId>\s*<SecretAccessKey>([^<]+)</SecretAccessKey>`,
  String.raw`(?:\s*<SessionToken>([^<]+)</SessionToken>)?`,
].join(''), 'g');

/** Root's key of one local cloud, known to nobody else. */
export function makeRootKey(): Credentials {
  return { accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`, secretAccessKey: randomBytes(30).toString('base64') };
}

/** A key that STS or IAM has given out, and what its session was narrowed to in the call: documents, and ARNs of managed policies. */
export interface GivenKey extends Credentials { readonly policies: readonly string[]; readonly policyArns: readonly string[] }

/** The keys of one local cloud: root's, those of its functions, and all that STS and IAM have given out. */
export class AccessKeys implements KeyRing {
  private readonly known = new Map<string, GivenKey>();

  /** `functions`: the session of a function, as the emulator gives it to its code. */
  public constructor(
    public readonly root: Credentials, private readonly functions: (accessKeyId: string) => Promise<Credentials | undefined>,
  ) {}

  public async find(accessKeyId: string): Promise<Credentials | undefined> {
    return accessKeyId === this.root.accessKeyId ? this.root : this.known.get(accessKeyId) ?? this.functions(accessKeyId);
  }

  /** One that STS or IAM has given out. It may be over, or deleted, by now. */
  public given(accessKeyId: string): GivenKey | undefined {
    return this.known.get(accessKeyId);
  }

  public learn(asked: URLSearchParams, answer: Buffer): void {
    const policies = asked.getAll('Policy').filter((document) => document !== '');
    const policyArns = [...asked].flatMap(([name, value]) => (/^PolicyArns\.member\.\d+\.arn$/.test(name) ? [value] : []));
    for (const [, accessKeyId = '', secretAccessKey = '', sessionToken] of answer.toString('utf8').matchAll(GIVEN)) {
      const session = sessionToken === undefined ? {} : { sessionToken };
      this.known.set(accessKeyId, { accessKeyId, secretAccessKey, ...session, policies, policyArns });
    }
  }
}
