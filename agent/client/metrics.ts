import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { isRecord } from '../config/reader';
import type { Answer } from './run';

/** A line in CloudWatch's embedded metric format. */
interface MetricLine {
  /** Undefined: of the whole agent. */
  readonly model?: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly values: Readonly<Record<string, { readonly value: number; readonly unit: string }>>;
}

/** The last line of the agent and of each model, in what the agent wrote to stdout. Other lines of a journal may be between. */
export async function readMetrics(file: string): Promise<Answer> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  const lines = content.split('\n').flatMap((line) => parseLine(line) ?? []);
  if (lines.length === 0) {
    throw new Error(`${file === '-' ? 'stdin' : file}: wanted lines of the agent's metrics, got none`);
  }
  const last = new Map(lines.map((line) => [line.model ?? '', line]));
  const shown = [...last.values()].sort((a, b) => (a.model ?? '') < (b.model ?? '') ? -1 : 1);
  return {
    json: { metrics: shown.map(toJson) },
    lines: shown.flatMap(toLines),
  };
}

function toJson({ model, time, values }: MetricLine): Record<string, unknown> {
  const numbers = Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value] as const));
  return { ...(model === undefined ? {} : { model }), time: new Date(time).toISOString(), ...numbers };
}

function toLines({ model, time, values }: MetricLine): string[] {
  return [
    `${model === undefined ? 'agent' : `model ${model}`}  ${new Date(time).toISOString()}`,
    ...Object.entries(values).map(([name, { value, unit }]) => `  ${name.padEnd(18)} ${value} ${unit}`),
  ];
}

/** Undefined: another line. */
function parseLine(line: string): MetricLine | undefined {
  const start = line.indexOf('{"_aws"'); // a journal may write its own words before
  if (start === -1) {
    return undefined;
  }
  const parsed = parseJson(line.slice(start));
  const head = isRecord(parsed) ? parsed._aws : undefined;
  if (!isRecord(parsed) || !isRecord(head) || typeof head.Timestamp !== 'number' || !Array.isArray(head.CloudWatchMetrics)) {
    return undefined;
  }
  const described = head.CloudWatchMetrics.filter(isRecord).flatMap(({ Metrics }): unknown[] => Array.isArray(Metrics) ? Metrics : []);
  const values = described.filter(isRecord).flatMap(({ Name, Unit }) => {
    const value = typeof Name === 'string' ? parsed[Name] : undefined;
    return typeof Name === 'string' && typeof value === 'number' ? [[Name, { value, unit: typeof Unit === 'string' ? Unit : '' }] as const] : [];
  });
  const { ModelName: model } = parsed;
  return { time: head.Timestamp, values: Object.fromEntries(values), ...(typeof model === 'string' ? { model } : {}) };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // cut off
  }
}
