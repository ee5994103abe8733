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

/** The keys of one local cloud: root's, those of its functions, and all that STS and IAM have given out. */
export class AccessKeys implements KeyRing {
  private readonly given = new Map<string, Credentials>();

  /** `functions`: the session of a function, as the emulator gives it to its code. */
  public constructor(
    public readonly root: Credentials, private readonly functions: (accessKeyId: string) => Promise<Credentials | undefined>,
  ) {}

  public async find(accessKeyId: string): Promise<Credentials | undefined> {
    return accessKeyId === this.root.accessKeyId ? this.root : this.given.get(accessKeyId) ?? this.functions(accessKeyId);
  }

  public learn(answer: Buffer): void {
    for (const [, accessKeyId = '', secretAccessKey = '', sessionToken] of answer.toString('utf8').matchAll(GIVEN)) {
      this.given.set(accessKeyId, { accessKeyId, secretAccessKey, ...sessionToken === undefined ? {} : { sessionToken } });
    }
  }
}
