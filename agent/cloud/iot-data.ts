import { codeOf, httpStatusOf, messageOf } from '../error-text';
import type { CredentialSource } from './s3';
import type { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';

export interface IotDataOptions {
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly environment: NodeJS.ProcessEnv;
}

const TIMEOUT_MS = 15_000;

/** Of a connection that never stood. */
const NEVER_SENT = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'];

/** A message that was certainly not taken. Of any other failure nobody knows. */
export class NotTaken extends Error {
  public constructor(cause: unknown, message: string) {
    super(message, { cause });
    this.name = 'NotTaken';
  }
}

/** Publishes to IoT by HTTPS, with AWS credentials: a device needs no MQTT connection for it. The SDK is loaded with the first message. */
export class IotData {
  private client: Promise<IoTDataPlaneClient> | undefined;

  public constructor(private readonly options: IotDataOptions) {}

  /** Throws `NotTaken` where the message cannot have arrived. */
  public async publish(topic: string, payload: string): Promise<void> {
    const { PublishCommand } = await import('./sdk.js');
    this.client ??= this.connect();
    const client = await this.client;
    try {
      await client.config.credentials();
    } catch (error) {
      throw new NotTaken(error, `no credentials: ${words(error)}`);
    }
    try {
      const command = new PublishCommand({ topic, qos: 1, payload: Buffer.from(payload) });
      await client.send(command, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      throw isRefusal(error) ? new NotTaken(error, words(error)) : error;
    }
  }

  private async connect(): Promise<IoTDataPlaneClient> {
    const { IoTDataPlaneClient } = await import('./sdk.js');
    const { region, credentials, environment } = this.options;
    const endpoint = environment.AWS_ENDPOINT_URL_IOT_DATA_PLANE ?? environment.AWS_ENDPOINT_URL;
    return new IoTDataPlaneClient({
      region,
      maxAttempts: 1, // a report that failed is merged with the next one
      requestHandler: { connectionTimeout: 5000, requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
      ...(credentials === undefined ? {} : { credentials }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }
}

function isRefusal(error: unknown): boolean {
  const status = httpStatusOf(error);
  // The SDK gives an error of Node as it is, or its words in one of its own.
  const isUnsent = NEVER_SENT.some((code) => codeOf(error) === code || messageOf(error).includes(code));
  return isUnsent || (status !== undefined && status >= 400 && status < 500) || status === 503;
}

function words(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
