import type { Caller } from './contracts';

/** An action and the ARN that it is asked for. */
export type Right = readonly [action: string, resourceArn: string];

/** One operation of a service: what its caller must be allowed, and what it does. Its input follows the service's model. */
export interface Operation<I extends object = object> {
  /** The ARNs that the operation's own action is asked for; all must be allowed. Default `*`, for actions that IAM knows without resource types. */
  resources?(input: I): readonly string[];
  /** What the caller must be allowed besides. */
  rights?(input: I): readonly Right[];
  /** The role that the caller hands over: it needs `iam:PassRole` on it. */
  role?(input: I): string | undefined;
  /** Whether the stand-in answers this call, where it hands on the others. Nothing is validated yet. Default: it does. */
  isOurs?(given: Readonly<Record<string, unknown>>): boolean;
  /** The answer belongs in the request log: it holds ids that later calls are about. */
  readonly logsOutput?: boolean;
  /** Undefined for an operation whose answer is empty. */
  run(input: I, caller: Caller): object | undefined | Promise<object | undefined>;
}

/** By name. */
export type OperationTable = Readonly<Record<string, Operation | undefined>>;

/** The table of a service whose SDK's module is `Sdk`: each operation with the input that its SDK command has. */
export type Operations<Sdk> = { readonly [K in keyof Sdk as K extends `${infer Name}Command` ? Name : never]?: Operation<CommandInput<Sdk[K]>> };

/** The input of one operation, as it arrives. */
export type InputOf<Sdk, Name extends string> = CommandInput<Sdk[`${Name}Command` & keyof Sdk]>;

type CommandInput<Command> = Command extends abstract new (...input: infer A extends unknown[]) => unknown ? Extract<Received<NonNullable<A[number]>>, object> : never;

/** What the SDK's type becomes on the wire: timestamps are seconds since 1970, blobs base64, and what is required is there. */
type Received<T> =
  T extends string | number | boolean ? T :
    T extends Date ? number :
      T extends Uint8Array ? string :
        T extends readonly (infer M)[] ? readonly Received<M>[] :
          T extends object ? { readonly [K in keyof T]: Received<Exclude<T[K], undefined>> } : never;
