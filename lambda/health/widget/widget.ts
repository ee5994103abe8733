import type { GetItemCommandInput, GetItemCommandOutput } from '@aws-sdk/client-dynamodb';
import { CENSUS_ROW, DEVICE_KEY, type HealthSettings } from '../../../lib/health/private/contract';
import { readFindings, type DeviceRow, type Findings } from '../device-row';

/** The call that the function makes. */
export interface Dependencies {
  readonly getItem: (input: GetItemCommandInput) => Promise<Pick<GetItemCommandOutput, 'Item'>>;
}

/** The HTML of the custom widget: the worst devices, and those that are silent. */
export async function drawWidget({ deviceTable }: Pick<HealthSettings, 'deviceTable'>, calls: Dependencies): Promise<string> {
  const { Item } = await calls.getItem({ TableName: deviceTable, Key: { [DEVICE_KEY]: { S: CENSUS_ROW } } });
  const text = Item?.findings?.S;
  const findings = text === undefined ? undefined : readFindings(text);
  return findings === undefined ? '<p>No census was taken yet.</p>' : draw(findings);
}

function draw({ at, reporting, silent, worst, longestSilent }: Findings): string {
  const counted = `<p>${reporting} devices report, ${silent} are silent. Counted ${timeOf(at)}.</p>`;
  const errors = ({ predictions, errors: count }: DeviceRow): string => `${((count / (predictions + count)) * 100).toFixed(1)} %`;
  return counted
    + table('Worst devices', ['Device', 'Ring', 'Models', 'Errors', 'p99 in ms', 'Drift'], worst.map((row) => (
      [row.thing, row.ring, row.models, errors(row), String(row.p99), row.drifted])))
    + table('Silent devices', ['Device', 'Ring', 'Models', 'Last seen'], longestSilent.map((row) => (
      [row.thing, row.ring, row.models, timeOf(row.seen)])));
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) {
    return `<h3>${title}</h3><p>None.</p>`;
  }
  const head = heads.map((text) => `<th>${text}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((text) => `<td>${escape(text)}</td>`).join('')}</tr>`).join('');
  return `<h3>${title}</h3><table><tr>${head}</tr>${body}</table>`;
}

function timeOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What a device says of itself is text, and never HTML. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
