import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { isNamed } from '../../service/errors';
import type { LogSink, MetricDatum, MetricSink } from './contracts';

type ClientSettings = ConstructorParameters<typeof CloudWatchClient>[0];

/** The emulator's CloudWatch, which takes the namespaces of AWS's services from root. */
export class EmulatorMetrics implements MetricSink {
  private readonly cloudWatch: CloudWatchClient;

  public constructor(settings: ClientSettings) {
    this.cloudWatch = new CloudWatchClient(settings ?? {});
  }

  public async put(namespace: string, data: readonly MetricDatum[]): Promise<void> {
    await this.cloudWatch.send(new PutMetricDataCommand({
      Namespace: namespace,
      MetricData: data.map(({ Dimensions, Values, Counts, ...datum }) => (
        { ...datum, Dimensions: [...Dimensions], Values: [...Values], Counts: [...Counts] }
      )),
    }));
  }
}

/** The emulator's CloudWatch Logs. Groups and streams are made when they are first written to. */
export class EmulatorLogs implements LogSink {
  private readonly logs: CloudWatchLogsClient;
  private readonly made = new Set<string>();

  public constructor(settings: ClientSettings) {
    this.logs = new CloudWatchLogsClient(settings ?? {});
  }

  public async write(logGroupName: string, logStreamName: string, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) {
      return;
    }
    if (!this.made.has(`${logGroupName} ${logStreamName}`)) {
      await existing(this.logs.send(new CreateLogGroupCommand({ logGroupName })));
      await existing(this.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })));
      this.made.add(`${logGroupName} ${logStreamName}`);
    }
    const timestamp = Date.now();
    await this.logs.send(new PutLogEventsCommand({
      logGroupName, logStreamName, logEvents: lines.map((message) => ({ timestamp, message: message === '' ? ' ' : message })),
    }));
  }
}

async function existing(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (!isNamed(error, 'ResourceAlreadyExistsException')) {
      throw error;
    }
  }
}
