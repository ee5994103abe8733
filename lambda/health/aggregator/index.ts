import { randomUUID } from 'node:crypto';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { asRecord, PropertyReader } from '../../shared/properties';
import { parseSettings } from '../settings';
import { Aggregator, type BatchAnswer } from './aggregator';

const options = { maxAttempts: 4 };
// A call that is repeated may be counted twice. So CloudWatch's are not repeated here: the message comes again.
const cloudwatch = new CloudWatchClient({ maxAttempts: 1 });
const dynamodb = new DynamoDBClient(options);
const firehose = new FirehoseClient(options);

const { HEALTH_SETTINGS } = process.env;
let aggregator: Aggregator | undefined;

export function handler(event: unknown): Promise<BatchAnswer> {
  aggregator ??= new Aggregator(parseSettings(HEALTH_SETTINGS), {
    putMetricData: (input) => cloudwatch.send(new PutMetricDataCommand(input)),
    putRecordBatch: (input) => firehose.send(new PutRecordBatchCommand(input)),
    query: (input) => dynamodb.send(new QueryCommand(input)),
    putItem: (input) => dynamodb.send(new PutItemCommand(input)),
    updateItem: (input) => dynamodb.send(new UpdateItemCommand(input)),
    now: () => Date.now(),
    newId: () => randomUUID(),
  });
  const records = new PropertyReader(asRecord(event, 'the event of the queue')).objects('Records');
  return aggregator.handle(records.map((record) => ({ messageId: record.text('messageId'), body: record.anyText('body') })));
}
