import { createHash } from 'node:crypto';

/** Reserved for the attempt: 31 + 1 + 8 + 1 + 16 + 1 + 2 = 60 of the service's 63 characters. */
const MAX_PREFIX = 31;
/** Attempts are counted up to here. A packaging job's record stays for ever, so each failure takes a number. */
export const MAX_ATTEMPT = 99;

const NAME = /^(?<base>[a-zA-Z0-9](?:-*[a-zA-Z0-9])*-(?<resource>[0-9a-f]{8})-(?<inputs>[0-9a-f]{16}))-(?<attempt>[1-9][0-9]?)$/;

/** A job name of ours, in its parts. */
export interface JobName {
  /** All but the attempt. */
  readonly base: string;
  /** Hash of stack id and logical id. */
  readonly resource: string;
  /** Hash of the inputs that change the artifact. */
  readonly inputs: string;
  readonly attempt: number;
}

export function parseJobName(name: string): JobName | undefined {
  const { base, resource, inputs, attempt } = NAME.exec(name)?.groups ?? {};
  if (base === undefined || resource === undefined || inputs === undefined || attempt === undefined) {
    return undefined;
  }
  return { base, resource, inputs, attempt: Number(attempt) };
}

export function resourceHash(stackId: string, logicalId: string): string {
  return hash(`${stackId}\n${logicalId}`).slice(0, 8);
}

/** The hash is independent of the order of keys. Absent and undefined members count as the same. */
export function inputsHash(inputs: unknown): string {
  return hash(canonical(inputs)).slice(0, 16);
}

/** The same inputs give the same name, whoever asks: neither a request id nor a user's choice goes into it. */
export function jobNameBase(prefix: string, resource: string, inputs: string): string {
  return `${prefix.slice(0, MAX_PREFIX).replace(/^-+|-+$/g, '')}-${resource}-${inputs}`;
}

export function jobName(base: string, attempt: number): string {
  return `${base}-${attempt}`;
}

/**
 * Each job has a folder of its own. The service's keys repeat from job to job, and a rollback must find the old artifact unchanged.
 */
export function outputFolder(baseUri: string, name: string): string {
  return `${baseUri.replace(/\/+$/, '')}/${name}/`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
