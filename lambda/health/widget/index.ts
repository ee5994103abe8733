import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { isRecord } from '../../shared/properties';
import { parseSettings } from '../settings';
import { drawWidget } from './widget';

const dynamodb = new DynamoDBClient({ maxAttempts: 3 });

const { HEALTH_SETTINGS } = process.env;

/** The console asks for the description of a widget, too. */
const DESCRIPTION = '# The worst devices of a fleet\nIt has no parameters.';

export async function handler(event: unknown): Promise<string | { markdown: string }> {
  if (isRecord(event) && event.describe === true) {
    return { markdown: DESCRIPTION };
  }
  return drawWidget(parseSettings(HEALTH_SETTINGS), { getItem: (input) => dynamodb.send(new GetItemCommand(input)) });
}
