import { isRecord } from '../../config/reader';

const GROUPS = {
  input: 'deviceFleetInputs', output: 'deviceFleetOutputs',
  'auxiliary-input': 'deviceFleetAuxiliaryInputs', 'auxiliary-output': 'deviceFleetAuxiliaryOutputs',
} as const;
type Group = keyof typeof GROUPS;

/** The auxiliary output of a capture that an agent made by itself, with the reason: `{"reason": "unsure", "confidence": 0.41}`. */
export const CAPTURE_REASON = 'capture-reason';

/** A tensor or piece of auxiliary data of a capture. */
export interface CapturedItem {
  readonly group: Group;
  readonly name: string;
  /** `Tensor[FLOAT32; 1, 3, 48, 320]`, `text/csv`, … */
  readonly contentType: string;
  /** CSV, JSON, NONE or BASE64: how `data` is written. */
  readonly encoding: string;
  /** In the record. */
  readonly data?: string;
  /** A `file:` or `s3:` URI: an object beside the record. */
  readonly reference?: string;
}

/** One capture, as the agent wrote it: see ../layout.ts. */
export interface CaptureRecord {
  readonly id: string;
  readonly time: string;
  readonly device: string;
  readonly fleet: string;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly items: readonly CapturedItem[];
}

/** The captures in a file of records, a line each. Throws with the line where one is no record. */
export function readRecords(file: string, text: string): CaptureRecord[] {
  return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [readRecord(`${file}, line ${index + 1}`, line)]));
}

function readRecord(where: string, line: string): CaptureRecord {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    throw new Error(`${where} is no JSON`);
  }
  const event: unknown = isRecord(content) ? content.eventMetadata : undefined;
  if (!isRecord(content) || !isRecord(event) || typeof event.eventId !== 'string') {
    throw new Error(`${where} is no record of a capture: it has no eventMetadata.eventId`);
  }
  const text = (key: string): string => (typeof event[key] === 'string' ? event[key] : '');
  return {
    id: event.eventId, time: text('inferenceTime'), device: text('deviceId'), fleet: text('deviceFleetName'),
    modelName: text('modelName'), modelVersion: text('modelVersion'),
    items: Object.entries(GROUPS).flatMap(([group, key]) => readItems(group as Group, content[key])),
  };
}

function readItems(group: Group, value: unknown): CapturedItem[] {
  return (Array.isArray(value) ? value : []).filter(isRecord).map((item) => {
    const text = (key: string): string | undefined => (typeof item[key] === 'string' ? item[key] : undefined);
    const data = text('data');
    const reference = text('data-ref');
    return {
      group, name: text('name') ?? '', contentType: text('observedContentType') ?? '', encoding: text('encoding') ?? 'NONE',
      ...data === undefined ? {} : { data }, ...reference === undefined ? {} : { reference },
    };
  });
}
