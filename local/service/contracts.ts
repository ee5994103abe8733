/** What the stand-ins need from the local cloud around them. They know no emulator themselves. */

/** Where a stand-in is, and who decides about its callers. */
export interface ServiceOptions {
  /** 0 or absent: a free one. It listens on 127.0.0.1 alone. */
  readonly port?: number;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly partition: string;
  readonly authority: CallerAuthority;
  readonly log: RequestLog;
  /** For the control calls `/_stand-in/…`. Without it they are refused. */
  readonly controlToken?: string;
}

/** Who signed a request. */
export interface Caller {
  /** As IAM names it: a user's ARN, an assumed-role session's ARN, or root's. */
  readonly arn: string;
  /** The role behind a session. */
  readonly roleArn?: string;
  /** The user of IAM whose key it is, or whose session. */
  readonly userName?: string;
  /** Documents that the session was narrowed to when it was given out: what they do not allow is denied. Absent: it was not. */
  readonly sessionPolicies?: readonly string[];
  /** The deployer: may do everything, and is never asked about. */
  readonly isRoot: boolean;
}

/** A caller, and what a signature of theirs is verified with. */
export interface KnownCaller { readonly caller: Caller; readonly secretAccessKey: string }

/** A session of a role. */
export interface KnownSession extends KnownCaller { readonly sessionToken: string; readonly expiration: Date }

/** Makes sessions known that services give out. */
export interface SessionRegister { register(accessKeyId: string, session: KnownSession): void }

/**
 * IAM, as the emulator decides it. The stand-ins never cache an answer. An error other than `UnknownCallerError` makes the
 * call fail with HTTP 500 and the error's message: a broken authority never allows.
 */
export interface CallerAuthority {
  /**
   * Throws `UnknownCallerError` if nobody has this access key; the SDK then sees UnrecognizedClientException. Throws `ExpiredCallerError`
   * for a session that is over: ExpiredTokenException.
   */
  identify(accessKeyId: string, sessionToken?: string): Promise<KnownCaller>;
  /** Whether the caller's policies allow the action on exactly this ARN (`*` for actions without resource types). Not asked for root. */
  authorize(caller: Caller, action: string, resourceArn: string): Promise<boolean>;
  /** `iam:PassRole` on the role, with `iam:PassedToService` settled. Not asked for root. */
  mayPassRole(caller: Caller, roleArn: string, service: string): Promise<boolean>;
  /** Whether the role exists and its trust policy lets the service assume it. Asked for every caller, root too. */
  trustsService(roleArn: string, service: string): Promise<boolean>;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SessionOptions {
  readonly sessionName: string;
  /** Seconds. */
  readonly duration?: number;
  /** Policy variables, e.g. `credentials-iot:ThingName`, that the emulator does not know. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface RoleSession {
  readonly credentials: Required<Credentials>;
  readonly expiration: Date;
  /** The role whose policies the session has: the role itself, or its copy. */
  readonly effectiveRoleArn: string;
}

/** Sessions of roles that services assume. Whether a service may assume the role is for the caller to check. */
export interface RoleAssumer {
  assume(roleArn: string, options: SessionOptions): Promise<RoleSession>;
  /** A copy that a session has of its role goes when nobody holds the role: hold it for as long as the session is used. */
  hold(roleArn: string): void;
  release(roleArn: string): Promise<void>;
  /** Ends the sessions of copies of the role. */
  removeCopies(roleArn: string): Promise<void>;
}

/**
 * S3 with the rights of a role that a service was given. Each method throws `StorageError` for whatever S3 or STS answers.
 * Any other error is the stand-in's own fault and is reported as such.
 */
export interface RoleStorage {
  read(roleArn: string, bucket: string, key: string): Promise<Buffer>;
  /** `kmsKeyId`: the object is encrypted with this key (SSE-KMS). */
  write(roleArn: string, bucket: string, key: string, body: Buffer, options?: { readonly kmsKeyId?: string }): Promise<void>;
  /** All keys that begin with the prefix, in S3's order. */
  list(roleArn: string, bucket: string, prefix: string): Promise<readonly string[]>;
  /** The bucket's region by name, `us-east-1` too (S3 itself answers that one with an empty location). */
  bucketRegion(roleArn: string, bucket: string): Promise<string>;
}

/** IoT role aliases, which SageMaker makes for a fleet with the fleet role's own rights. */
export interface RoleAliases {
  /** Makes the alias, or takes the one that exists; returns its ARN. An error becomes a ValidationException of the fleet call. */
  ensure(name: string, roleArn: string): Promise<string>;
}

/** Where answered calls go. `append` has written the entry when it returns, so that who has the answer finds it. */
export interface RequestLog {
  append(entry: RequestLogEntry): void;
}

/** One answered call. */
export interface RequestLogEntry {
  /** ISO 8601, when the call arrived. */
  readonly time: string;
  /** The service id of the SDKs, e.g. `SageMaker` or `Sagemaker Edge`. */
  readonly service: string;
  /** As in the SDKs, e.g. `CreateCompilationJob`. */
  readonly operation: string;
  /** ARN; absent when the caller is unknown. */
  readonly caller?: string;
  /** As the SDK sent it. */
  readonly input: unknown;
  /** The ids that the service chose, where later calls are about them. */
  readonly output?: unknown;
  /** HTTP status; 0 when a fault closed the connection instead of answering. */
  readonly status: number;
  /** The error's name. */
  readonly error?: string;
}

/** Nobody has this access key. */
export class UnknownCallerError extends Error {
  public override readonly name = 'UnknownCallerError';
}

/** The session of this access key is over. */
export class ExpiredCallerError extends Error {
  public override readonly name = 'ExpiredCallerError';
}

/** What S3, or STS on the way to it, answered. */
export class StorageError extends Error {
  public override readonly name = 'StorageError';

  /** `code`: the service's own, e.g. NoSuchKey, NoSuchBucket, AccessDenied. */
  public constructor(public readonly code: string, message: string) {
    super(message);
  }
}
