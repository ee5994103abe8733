import * as fs from 'node:fs';
import * as https from 'node:https';
import { isRecord } from '../../local/service/validator';
import { waitFor } from '../agent/support/agent-process';
import { signed } from '../local/service/signed';
import type { TestCloud } from './harness';

const PATIENCE_MS = 60_000;

export type AlarmMessage = Readonly<Record<string, unknown>>;

/** What the alarms of a cloud tell a topic, read from a queue that is subscribed to it with raw delivery. */
export class AlarmMessages {
  /** In the order of their arrival. */
  public readonly received: AlarmMessage[] = [];
  private readonly taken = new Set<AlarmMessage>();

  public constructor(private readonly cloud: TestCloud, private readonly queueUrl: string) {}

  /** Those of an alarm that have come until now. */
  public all(alarm: string): AlarmMessage[] {
    return this.received.filter(({ AlarmName }) => AlarmName === alarm);
  }

  /** Waits for a message that was not given before. */
  public async next(alarm: string, state: string): Promise<AlarmMessage> {
    const find = (): AlarmMessage | undefined => (
      this.all(alarm).find((message) => message.NewStateValue === state && !this.taken.has(message))
    );
    await waitFor(`the message that ${alarm} is ${state}`, async () => {
      await this.receive();
      return find() !== undefined;
    }, PATIENCE_MS);
    const found = find() ?? {};
    this.taken.add(found);
    return found;
  }

  /** Takes what is in the queue. */
  public async receive(): Promise<void> {
    for (;;) {
      const { Messages } = await this.call('ReceiveMessage', { QueueUrl: this.queueUrl, MaxNumberOfMessages: 10 });
      const messages = Array.isArray(Messages) ? Messages.filter(isRecord) : [];
      if (messages.length === 0) {
        return;
      }
      for (const { Body, ReceiptHandle } of messages) {
        const message: unknown = JSON.parse(String(Body));
        if (!isRecord(message)) {
          throw new Error(`a message of an alarm is an object, got ${String(Body)}`);
        }
        this.received.push(message);
        await this.call('DeleteMessage', { QueueUrl: this.queueUrl, ReceiptHandle });
      }
    }
  }

  private async call(operation: string, input: object): Promise<Record<string, unknown>> {
    const { emulator, root, caFile } = this.cloud.cloud.endpoints;
    const body = JSON.stringify(input);
    const { url, headers } = await signed(`${emulator}/`, {
      ...root, method: 'POST', service: 'sqs', body, headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    });
    const text = await new Promise<string>((resolve, reject) => {
      https.request(url, { method: 'POST', headers, ca: fs.readFileSync(caFile), agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => {
          resolve(Buffer.concat(chunks).toString());
        });
      }).once('error', reject).end(body);
    });
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    if (!isRecord(answer) || '__type' in answer) {
      throw new Error(`SQS answered ${operation} with ${text}`);
    }
    return answer;
  }
}
