import { CAPTURE_REASON, type CapturedItem, type CaptureRecord } from '../../../agent/capture/read/record';
import { bytesOf, formOf, picturesOf, tensorOf, type CapturedTensor } from '../../../agent/capture/read/values';
import { toNumbers } from '../../../agent/client/elements';
import { writeNpy } from '../../../agent/client/npy';
import type { LabelSettings } from '../../../lib/health/private/labels-contract';
import { serviceError } from '../../shared/errors';
import type { Dependencies } from './dependencies';
import { SkippedCapture } from './problem';
import type { Reason } from './record';

/** Of an input or output: more than this is no tensor that a device captures. */
const MOST_BYTES = 32 * 2 ** 20;
/** Of an output whose values are told. */
const MOST_OUTPUT_BYTES = 64 * 2 ** 10;
const MOST_VALUES = 64;
/** Of a batch. */
const MOST_PICTURES = 64;
const TOP = 3;
// Ground Truth reads lines of at most 100,000 characters.
const MOST_OUTPUTS = 16;
const MOST_TEXT = 500;
const MOST_NAME = 200;

/** A capture that was selected. */
export interface Selected {
  readonly device: string;
  /** Of this device's captures of the model. */
  readonly folder: string;
  readonly model: string;
  readonly record: CaptureRecord;
  readonly reason: Reason | undefined;
}

/** A file to be written, and the inputs that it shows. */
export interface LabelFile {
  readonly name: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly input: string;
}

/** Makes what a person labels from captures, and what a manifest says of it. */
export class Labels {
  public constructor(private readonly calls: Dependencies, private readonly settings: LabelSettings) {}

  /** A PNG for each picture among the inputs. Where there is none, the first input as it is. */
  public async files(selected: Selected): Promise<LabelFile[]> {
    const { device, record } = selected;
    const base = `images/${record.time.slice(0, 'YYYY-MM-DD'.length).replaceAll('-', '/')}/${device}/${record.id}`;
    const pictures: LabelFile[] = [];
    let first: { readonly input: string; readonly tensor: CapturedTensor } | undefined;
    for (const item of record.items.filter(({ group }) => group === 'input')) {
      const tensor = await this.tensor(selected, item);
      first ??= { input: item.name.slice(0, MOST_NAME), tensor };
      if (tensor.shape.length === 4 && (tensor.shape[0] ?? 0) > MOST_PICTURES) {
        throw new SkippedCapture('TooLarge', `input ${item.name} has more than ${MOST_PICTURES} items: ${item.contentType}`);
      }
      for (const body of picturesOf(tensor, this.settings.image)) {
        pictures.push({ name: `${base}-${pictures.length}.png`, body, contentType: 'image/png', input: item.name.slice(0, MOST_NAME) });
      }
    }
    if (first === undefined) {
      throw new SkippedCapture('NoInput', 'it has no input tensor');
    }
    return pictures.length > 0 ? pictures : [{
      name: `${base}-0.npy`, body: writeNpy(first.tensor), contentType: 'application/octet-stream', input: first.input,
    }];
  }

  /** What a line says beside the picture. */
  public async metadata(selected: Selected): Promise<Record<string, unknown>> {
    const { device, model, record, reason } = selected;
    const outputs = record.items.filter(({ group, name }) => group === 'output' || (group === 'auxiliary-output' && name !== CAPTURE_REASON));
    const prediction: object[] = [];
    for (const item of outputs.slice(0, MOST_OUTPUTS)) {
      prediction.push(await this.output(selected, item));
    }
    return {
      captureId: record.id, device, fleet: this.settings.fleetName, model, version: record.modelVersion.slice(0, MOST_NAME),
      time: `${record.time}Z`, ...reason, prediction, ...outputs.length > MOST_OUTPUTS ? { outputsLeftOut: outputs.length - MOST_OUTPUTS } : {},
    };
  }

  private async output(selected: Selected, item: CapturedItem): Promise<object> {
    const { contentType, reference } = item;
    const base = { name: item.name.slice(0, MOST_NAME), contentType: contentType.slice(0, MOST_NAME) };
    if (reference !== undefined && (sizeOf(contentType) ?? Infinity) > MOST_OUTPUT_BYTES) {
      return { ...base, reference };
    }
    const bytes = bytesOf(item, reference === undefined ? undefined : await this.raw(selected, reference, MOST_OUTPUT_BYTES));
    const tensor = tensorOf(item, bytes);
    if (tensor === undefined) {
      const text = bytes.toString('utf8');
      return { ...base, ...bytes.length <= MOST_TEXT && Buffer.from(text).equals(bytes) ? { text } : {} };
    }
    const values = Array.from(toNumbers(tensor), (value) => Number(value.toPrecision(7)));
    return {
      ...base,
      ...values.length <= MOST_VALUES ? { values } : { reference }, // one that is in the record has none, which JSON leaves out
      ...isOfClasses(tensor.shape) ? { top: topOf(values) } : {},
    };
  }

  private async tensor(selected: Selected, item: CapturedItem): Promise<CapturedTensor> {
    const { contentType, name, reference } = item;
    const size = sizeOf(contentType);
    if (size === undefined) {
      throw new SkippedCapture('BadTensor', `input ${name} is no tensor with type and shape: ${contentType}`);
    }
    if (size > MOST_BYTES) {
      throw new SkippedCapture('TooLarge', `input ${name} has more than ${MOST_BYTES} bytes: ${contentType}`);
    }
    const bytes = bytesOf(item, reference === undefined ? undefined : await this.raw(selected, reference, MOST_BYTES));
    const tensor = tensorOf(item, bytes);
    if (tensor === undefined) {
      throw new SkippedCapture('BadTensor', `input ${name} has ${bytes.length} bytes, which its type has not: ${contentType}`);
    }
    return tensor;
  }

  /** A device may refer to its own tensors alone. */
  private async raw({ folder }: Selected, reference: string, limit: number): Promise<Buffer> {
    const { captureBucket } = this.settings;
    const start = `s3://${captureBucket}/`;
    const key = reference.slice(start.length);
    if (!reference.startsWith(start) || !key.startsWith(folder) || !key.includes('/raw-data/')) {
      throw new SkippedCapture('BadReference', `it refers to ${reference}, which is not below s3://${captureBucket}/${folder}`);
    }
    try {
      return await this.calls.getBytes({ Bucket: captureBucket, Key: key }, limit);
    } catch (error) {
      const { name, message } = serviceError(error);
      // Who may list a prefix alone is told of a missing object that it is denied.
      if (name === 'NoSuchKey' || name === 'AccessDenied') {
        throw new SkippedCapture('Unreadable', `${reference}: ${name}: ${message}`);
      }
      throw error;
    }
  }
}

/** The bytes of a tensor, by its type. Undefined: it is none, or nobody said how large it is. */
function sizeOf(contentType: string): number | undefined {
  const form = formOf(contentType);
  return form?.shape.every((dimension) => dimension >= 0) === true ? form.bytes : undefined;
}

/** One row of scores. */
function isOfClasses(shape: readonly number[]): boolean {
  const last = shape.at(-1) ?? 0;
  return last > 1 && shape.length <= 2 && shape.reduce((product, each) => product * each, 1) === last;
}

function topOf(values: readonly number[]): object[] {
  return values.map((score, index) => ({ class: index, score })).sort((a, b) => b.score - a.score).slice(0, TOP);
}
