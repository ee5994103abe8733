import { type AuxilaryData, type CaptureDataRequest, Encoding, type Tensor, type Timestamp } from '../generated/agent';
import { bytesOf, bytesPerElement, dataTypeName } from '../runtime/tensors';
import { AgentError, invalidArgument } from '../status';
import { status } from '@grpc/grpc-js';

/** Client and agent share a clock, but a client may round its time up. */
const CLOCK_TOLERANCE_MS = 1000;
/** Items of a capture. Each becomes a JSON object even if it is empty. */
const MAX_ITEMS = 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type ItemGroup = 'inputs' | 'outputs' | 'auxiliaryInputs' | 'auxiliaryOutputs';

/** A tensor or piece of auxiliary data of a capture. Its bytes follow those of the item before it. */
export interface CaptureItem {
  readonly group: ItemGroup;
  readonly name: string;
  readonly contentType: string;
  /** How the client encoded the bytes. Tensors are `NONE`. */
  readonly encoding: 'CSV' | 'JSON' | 'NONE' | 'BASE64';
  readonly length: number;
}

/** What the spool keeps of a capture beside its bytes. */
export interface CaptureHeader {
  readonly id: string;
  readonly modelName: string;
  readonly modelVersion: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly items: readonly CaptureItem[];
}

export interface Capture {
  readonly header: CaptureHeader;
  readonly blobs: readonly Buffer[];
}

/** Checks the id's form. */
export function parseCaptureId(id: string): string {
  if (!UUID.test(id)) {
    throw invalidArgument(`capture_id: wanted a UUID, got ${JSON.stringify(id.slice(0, 100))}`);
  }
  return id;
}

/** Checks a request. `model` is what the package calls itself. */
export function parseCapture(request: CaptureDataRequest, model: { name: string; version: string }): Capture {
  const id = parseCaptureId(request.captureId);
  const time = parseTime(request.inferenceTimestamp);
  const count = request.inputTensors.length + request.outputTensors.length + request.inputs.length + request.outputs.length;
  if (count > MAX_ITEMS) {
    throw invalidArgument(`wanted at most ${MAX_ITEMS} tensors and auxiliary data, got ${count}`);
  }
  const parts = [
    ...request.inputTensors.map((tensor, index) => parseTensor('inputs', `input-${index}`, tensor)),
    ...request.outputTensors.map((tensor, index) => parseTensor('outputs', `output-${index}`, tensor)),
    ...request.inputs.map((data, index) => parseAuxiliary('auxiliaryInputs', `Input-${index + 1}`, data)),
    ...request.outputs.map((data, index) => parseAuxiliary('auxiliaryOutputs', `Output-${index + 1}`, data)),
  ];
  return {
    header: { id, modelName: model.name, modelVersion: model.version, time, items: parts.map((part) => part.item) },
    blobs: parts.map((part) => part.bytes),
  };
}

interface Part {
  readonly item: CaptureItem;
  readonly bytes: Buffer;
}

/** The agent's clock where the client gives no time or zeros, as AWS's sample clients do. */
function parseTime({ seconds, nanos }: Timestamp = { seconds: 0n, nanos: 0 }): string {
  if (seconds === 0n && nanos === 0) {
    return new Date().toISOString();
  }
  if (seconds < 0n || nanos < 0 || nanos > 999_999_999) {
    const got = `${seconds.toString()} and ${nanos}`;
    throw invalidArgument(`inference_timestamp: wanted seconds since 1970 and nanos from 0 to 999999999, got ${got}`);
  }
  if (seconds > BigInt(Math.floor((Date.now() + CLOCK_TOLERANCE_MS) / 1000))) {
    const now = Math.floor(Date.now() / 1000);
    throw new AgentError(status.OUT_OF_RANGE, `inference_timestamp: ${seconds.toString()} s is in the future; it is ${now} s`);
  }
  return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1e6)).toISOString();
}

function parseTensor(group: 'inputs' | 'outputs', fallbackName: string, tensor: Tensor): Part {
  const metadata = tensor.tensorMetadata;
  const name = metadata === undefined || metadata.name === '' ? fallbackName : metadata.name;
  const label = `${group === 'inputs' ? 'input_tensors' : 'output_tensors'} ${name}`;
  const bytes = bytesOf(label, tensor.data);
  if (metadata === undefined) {
    return { bytes, item: { group, name, contentType: 'application/octet-stream', encoding: 'NONE', length: bytes.length } };
  }
  const size = bytesPerElement(metadata.dataType);
  if (size === undefined) {
    throw invalidArgument(`${label}: unknown data type ${dataTypeName(metadata.dataType)}`);
  }
  const type = dataTypeName(metadata.dataType);
  const shape = metadata.shape.join(', ');
  const wanted = metadata.shape.reduce((product, dimension) => product * dimension, size);
  if (metadata.shape.every((dimension) => dimension >= 0) && wanted !== bytes.length) {
    throw invalidArgument(`${label}: [${shape}] of ${type} is ${wanted} bytes, got ${bytes.length}`);
  }
  const contentType = metadata.shape.length === 0 ? `Tensor[${type}]` : `Tensor[${type}; ${shape}]`;
  return { bytes, item: { group, name, contentType, encoding: 'NONE', length: bytes.length } };
}

const AUXILIARY = new Map<Encoding, { encoding: CaptureItem['encoding']; contentType: string }>([
  [Encoding.CSV, { encoding: 'CSV', contentType: 'text/csv' }],
  [Encoding.JSON, { encoding: 'JSON', contentType: 'json' }],
  [Encoding.NONE, { encoding: 'NONE', contentType: 'application/octet-stream' }],
  [Encoding.BASE64, { encoding: 'BASE64', contentType: 'application/octet-stream' }],
]);

function parseAuxiliary(group: 'auxiliaryInputs' | 'auxiliaryOutputs', fallbackName: string, data: AuxilaryData): Part {
  const name = data.name === '' ? fallbackName : data.name;
  const bytes = bytesOf(`${group === 'auxiliaryInputs' ? 'inputs' : 'outputs'} ${name}`, data.data);
  const kind = AUXILIARY.get(data.encoding);
  if (kind === undefined) {
    throw invalidArgument(`${name}: unknown encoding ${data.encoding}`);
  }
  return { bytes, item: { group, name, ...kind, length: bytes.length } };
}
