import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { parseSettings } from '../settings';
import { takeCensus } from './census';

const options = { maxAttempts: 8 };
const cloudwatch = new CloudWatchClient(options);
const dynamodb = new DynamoDBClient(options);

const { HEALTH_SETTINGS } = process.env;

export async function handler(): Promise<void> {
  await takeCensus(parseSettings(HEALTH_SETTINGS), {
    scan: (input) => dynamodb.send(new ScanCommand(input)),
    putItem: (input) => dynamodb.send(new PutItemCommand(input)),
    putMetricData: (input) => cloudwatch.send(new PutMetricDataCommand(input)),
    now: () => Date.now(),
  });
}
