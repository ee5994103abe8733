import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { isRecord } from '../config/reader';
import { messageOf } from '../error-text';
import type { Logger } from '../log';

/** Temporary credentials of the device's role. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface IotCredentialOptions {
  readonly endpoint: URL;
  readonly caCertFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Sent so that the role's policies may use `${credentials-iot:ThingName}`. */
  readonly thingName?: string;
  readonly logger: Logger;
  readonly timeoutMs?: number;
  /** Milliseconds since 1970. The machine's clock if it is left out. */
  readonly now?: () => number;
  /** From 0 to 1. `Math.random` if it is left out. */
  readonly random?: () => number;
}

interface TlsFiles {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Renewed at a random point between these parts of their life, so that devices that were started together do not call
 * together. Role aliases give credentials of 15 minutes to 12 hours.
 */
const EARLIEST_RENEWAL = 0.5;
const LATEST_RENEWAL = 0.8;
/** Of @smithy/core's memoizeIdentityProvider. */
const SDK_ASKS_BEFORE_MS = 5 * 60_000;
/** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 60_000;
const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Credentials by IoT's credential provider: a GET with the device's certificate. There is no other source behind it: a
 * broken certificate must show, and not be covered by whatever else the machine may have.
 */
export class IotCredentialProvider {
  private current: Credentials | undefined;
  private renewing: Promise<Credentials> | undefined;
  private renewAt = 0;
  private failures = 0;
  private retryAt = 0;
  private lastError = new Error('no credentials yet');
  private readonly now: () => number;
  private readonly random: () => number;

  public constructor(private readonly options: IotCredentialOptions) {
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
  }

  /**
   * Valid credentials. Callers at the same time share one request. The SDK keeps what it gets until five minutes before the
   * end that it is told: it is told one that makes it ask again when it is time to renew.
   */
  public readonly get = async (): Promise<Credentials> => {
    const credentials = await this.valid();
    const toldEnd = Math.min(credentials.expiration.getTime(), this.renewAt + SDK_ASKS_BEFORE_MS);
    return { ...credentials, expiration: new Date(toldEnd) };
  };

  private async valid(): Promise<Credentials> {
    if (this.current !== undefined && this.now() < this.renewAt) {
      return this.current;
    }
    try {
      return await this.renewOnce();
    } catch (error) {
      const left = (this.current?.expiration.getTime() ?? 0) - this.now();
      if (this.current !== undefined && left > 0) {
        this.options.logger.warn('credentials cannot be renewed; the old ones are used while they last', {
          reason: messageOf(error),
          secondsLeft: Math.floor(left / 1000),
        });
        return this.current;
      }
      throw error;
    }
  }

  /** Between attempts that failed, the last one's error stands for an answer. */
  private async renewOnce(): Promise<Credentials> {
    if (this.renewing === undefined && this.now() < this.retryAt) {
      throw this.lastError;
    }
    this.renewing ??= this.renew().catch((error: unknown) => {
      this.lastError = error instanceof Error ? error : new Error(messageOf(error));
      this.retryAt = this.now() + this.random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.failures, 16));
      this.failures += 1;
      throw error;
    }).finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renew(): Promise<Credentials> {
    // Read each time: a renewed certificate needs no restart.
    const { caCertFile, certFile, keyFile } = this.options;
    const [ca, cert, key] = await Promise.all([readFile(caCertFile), readFile(certFile), readFile(keyFile)]);
    const { statusCode, body } = await this.fetch({ ca, cert, key });
    if (statusCode !== 200) {
      throw new Error(refusal(this.options, statusCode, body));
    }
    this.current = parse(body);
    this.failures = 0;
    const life = this.current.expiration.getTime() - this.now();
    this.renewAt = this.now() + life * (EARLIEST_RENEWAL + this.random() * (LATEST_RENEWAL - EARLIEST_RENEWAL));
    this.options.logger.debug('credentials renewed', { expiration: this.current.expiration.toISOString() });
    return this.current;
  }

  private fetch(tls: TlsFiles): Promise<{ statusCode: number; body: string }> {
    const { endpoint, thingName, timeoutMs = TIMEOUT_MS } = this.options;
    return new Promise((resolve, reject) => {
      const call = request(endpoint, {
        ...tls, agent: false, timeout: timeoutMs, minVersion: 'TLSv1.2', signal: AbortSignal.timeout(timeoutMs),
        headers: thingName === undefined ? {} : { 'x-amzn-iot-thingname': thingName },
      }, (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > MAX_ANSWER_BYTES) {
            call.destroy(new Error('the answer is too long'));
          }
          chunks.push(chunk);
        });
        answer.on('error', reject);
        answer.on('end', () => {
          resolve({ statusCode: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      call.on('error', (error) => {
        reject(new Error(`credential endpoint ${endpoint.host}: ${messageOf(error)}`));
      });
      call.end();
    });
  }
}

function refusal({ endpoint, thingName }: IotCredentialOptions, statusCode: number, body: string): string {
  const parsed: unknown = tryJson(body);
  const reason = isRecord(parsed) && typeof parsed.message === 'string' ? `: ${parsed.message.slice(0, 300)}` : '';
  const causes = usualCauses(statusCode, thingName);
  const told = causes.length > 0 ? ` (the usual causes: ${causes.join(', or ')})` : '';
  return `credential endpoint ${endpoint.host}${endpoint.pathname} answered ${statusCode}${reason}${told}`;
}

/** By the statuses in https://awslabs.github.io/aws-iot-core-credential-provider-session-helper/dev_notes.html. */
function usualCauses(statusCode: number, thingName: string | undefined): readonly string[] {
  switch (statusCode) {
    case 400: return [
      'the role does not exist',
      'it does not trust credentials.iot.amazonaws.com',
      ...thingName === undefined ? ['its trust wants a thing name and sagemaker_edge_core_iot_thing_name is not set'] : [],
      'its sessions may not last as long as the role alias says',
    ];
    case 403: return [
      'the certificate is not ACTIVE',
      'none of its IoT policies allows iot:AssumeRoleWithCertificate on the role alias',
      ...thingName === undefined ? [] : [`the thing ${thingName} is not attached to the certificate`],
    ];
    case 404: return ['the role alias does not exist in the account and region of the endpoint'];
    default: return [];
  }
}

function parse(body: string): Credentials {
  const parsed = tryJson(body);
  const credentials = isRecord(parsed) ? parsed.credentials : undefined;
  if (isRecord(credentials)) {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
    const texts = typeof accessKeyId === 'string' && typeof secretAccessKey === 'string' && typeof sessionToken === 'string';
    if (texts && typeof expiration === 'string' && !Number.isNaN(Date.parse(expiration))) {
      return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiration) };
    }
  }
  throw new Error('the credential endpoint answered 200 without credentials'); // never the body: it may hold a part of them
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
