import {
  CloudWatchClient, paginateDescribeAlarms, SetAlarmStateCommand, type CloudWatchClientConfig, type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from '../health/dashboard';
import { MAX_QUERIES, readSeries } from '../health/metric-data';
import { isNamed } from '../service/errors';
import type { AlarmWorld, StateChange } from './evaluator';

/** The emulator's CloudWatch. Its SetAlarmState sends the messages of `AlarmActions`, `OKActions` and `InsufficientDataActions` to SNS. */
export class EmulatorAlarms implements AlarmWorld {
  private readonly client: CloudWatchClient;

  public constructor(settings: CloudWatchClientConfig) {
    this.client = new CloudWatchClient({ ...settings, maxAttempts: 1 }); // the next look is soon
  }

  public async alarms(): Promise<readonly MetricAlarm[]> {
    const found: MetricAlarm[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.client }, { AlarmTypes: ['MetricAlarm'] })) {
      found.push(...MetricAlarms);
    }
    return found;
  }

  public async values(series: readonly MetricSeries[], from: number, to: number): Promise<readonly (number | undefined)[]> {
    // The emulator's periods begin at multiples of their length. In one that is as long as the time since 1970 there is all of the window.
    const whole = series.map((each) => ({ ...each, periodSeconds: to / 1000 }));
    const values: (number | undefined)[] = [];
    for (let first = 0; first < whole.length; first += MAX_QUERIES) {
      const points = await readSeries(this.client, whole.slice(first, first + MAX_QUERIES), from, to);
      values.push(...points.map(([point]) => point?.value));
    }
    return values;
  }

  public async setState({ name, state, reason, data }: StateChange): Promise<void> {
    try {
      await this.client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: reason, StateReasonData: data }));
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFound')) {
        throw error;
      }
    }
  }
}
