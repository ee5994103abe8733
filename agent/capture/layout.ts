import type { CaptureHeader, CaptureItem, ItemGroup } from './record';

/**
 * Where captures go and whose they are: AWS's layout of keys and records. AWS published a record in the developer guide
 * of Lookout for Vision, in the chapter on results of an edge workflow.
 */
export interface LayoutOptions {
  readonly folderPrefix: string;
  readonly deviceFleetName: string;
  readonly deviceName: string;
  /** Larger items become objects of their own. Bytes. */
  readonly embedLimit: number;
}

/** An object beside the record. */
export interface RawObject {
  readonly key: string;
  readonly body: Buffer;
}

const RAW_FOLDERS: Readonly<Record<ItemGroup, string>> = {
  inputs: 'input-tensors', outputs: 'output-tensors', auxiliaryInputs: 'auxiliary-inputs', auxiliaryOutputs: 'auxiliary-outputs',
};

/** Keys and records of captures. */
export class CaptureLayout {
  public constructor(private readonly options: LayoutOptions) {}

  /** `<prefix>/<fleet>/<model>/<YYYY>/<MM>/<DD>/<HH>`, by the time of the inference. */
  public folder(header: Pick<CaptureHeader, 'modelName' | 'time'>): string {
    const [year, month, day, hour] = header.time.split(/[-T:]/);
    const prefix = this.options.folderPrefix === '' ? [] : [this.options.folderPrefix];
    return [...prefix, this.options.deviceFleetName, header.modelName, year, month, day, hour].join('/');
  }

  /** A batch's file. Its name follows from its first record, so that a batch sent twice is one object. */
  public batchKey(first: Pick<CaptureHeader, 'modelName' | 'time' | 'id'>): string {
    return `${this.folder(first)}/${first.time.replaceAll(/[-:.]/g, '')}-${first.id}.jsonl`;
  }

  /** The record's line, and the objects that it refers to. `reference` makes a key into what `data-ref` shall hold. */
  public render(header: CaptureHeader, blobs: Buffer, reference: (key: string) => string): { line: string; raw: RawObject[] } {
    const groups: Record<ItemGroup, object[]> = { inputs: [], outputs: [], auxiliaryInputs: [], auxiliaryOutputs: [] };
    const raw: RawObject[] = [];
    let offset = 0;
    for (const item of header.items) {
      const body = blobs.subarray(offset, offset + item.length);
      offset += item.length;
      const group = groups[item.group];
      const mode = item.group === 'inputs' || item.group === 'auxiliaryInputs' ? 'Input' : 'Output';
      const base = { name: item.name, mode, observedContentType: item.contentType };
      if (item.length > this.options.embedLimit) {
        const key = this.rawKey(header, item, group.length);
        raw.push({ key, body });
        group.push({ ...base, encoding: item.encoding === 'JSON' ? 'NONE' : item.encoding, 'data-ref': reference(key) });
      } else {
        group.push({ ...base, ...embed(item, body) });
      }
    }
    const record = {
      eventVersion: '0',
      eventMetadata: {
        deviceFleetName: this.options.deviceFleetName,
        deviceId: this.options.deviceName,
        eventId: header.id,
        // UTC, in whole seconds and without a zone, as in AWS's published record.
        inferenceTime: header.time.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length),
        modelName: header.modelName,
        modelVersion: header.modelVersion,
      },
      deviceFleetInputs: groups.inputs,
      deviceFleetOutputs: groups.outputs,
      deviceFleetAuxiliaryInputs: groups.auxiliaryInputs,
      deviceFleetAuxiliaryOutputs: groups.auxiliaryOutputs,
    };
    return { line: `${JSON.stringify(record)}\n`, raw };
  }

  private rawKey(header: CaptureHeader, item: CaptureItem, index: number): string {
    // Names come from the model or the client: only plain key characters pass.
    const name = item.name.replaceAll(/[^\w.-]/g, '_').slice(0, 64);
    return `${this.folder(header)}/raw-data/${RAW_FOLDERS[item.group]}/${header.id}-${index}-${name}`;
  }
}

/** CSV and base64 go in as they are where they are text. All else goes in as base64, JSON too, as in AWS's published record. */
function embed(item: CaptureItem, body: Buffer): { encoding: string; data: string } {
  if (item.encoding === 'CSV' || item.encoding === 'BASE64') {
    const text = body.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(body)) {
      return { encoding: item.encoding, data: text };
    }
  }
  return { encoding: 'BASE64', data: body.toString('base64') };
}
