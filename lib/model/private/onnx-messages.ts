import { fields, text, type WireField } from './protobuf-wire';

/** The messages of onnx.proto that hold weights, at any depth: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
export type OnnxMessage = 'model' | 'function' | 'graph' | 'node' | 'attribute' | 'sparse tensor' | 'tensor';

/** Which field of a message holds which other. Weights lie in attributes too: constants, and the graphs of loops and branches. */
const WITHIN: Readonly<Record<OnnxMessage, ReadonlyMap<number, OnnxMessage>>> = {
  model: new Map([[7, 'graph'], [25, 'function']]),
  function: new Map([[7, 'node']]),
  graph: new Map([[1, 'node'], [5, 'tensor'], [15, 'sparse tensor']]),
  node: new Map([[5, 'attribute']]),
  attribute: new Map([
    [5, 'tensor'], [10, 'tensor'], [6, 'graph'], [11, 'graph'], [22, 'sparse tensor'], [23, 'sparse tensor'],
  ]),
  'sparse tensor': new Map([[1, 'tensor'], [2, 'tensor']]),
  tensor: new Map(),
};

/** The fields of a tensor that say what it is, and not what is in it. */
export const TENSOR = { dimensions: 1, elementType: 2, name: 8, externalData: 13 };
const ENTRY = { key: 1, value: 2 };

/** The message that this field of a message is; undefined for a field that holds no weights. */
export function messageWithin(message: OnnxMessage, field: number): OnnxMessage | undefined {
  return WITHIN[message].get(field);
}

/** Where the weights lie that are not in the file: relative to its folder, as the message gives them. */
export function externalDataOf(message: OnnxMessage, bytes: Buffer): string[] {
  if (message === 'tensor') {
    return locationsOf(bytes);
  }
  return fields(bytes).flatMap(({ number, bytes: content }) => {
    const within = messageWithin(message, number);
    return content && within ? externalDataOf(within, content) : [];
  });
}

function locationsOf(tensor: Buffer): string[] {
  return parts(tensor, TENSOR.externalData)
    .filter((entry) => parts(entry, ENTRY.key).map(text).includes('location'))
    .flatMap((entry) => parts(entry, ENTRY.value).map(text));
}

/** The messages and texts of this field. */
function parts(bytes: Buffer, wanted: number): Buffer[] {
  const content = ({ number, bytes: within }: WireField): Buffer[] => within && number === wanted ? [within] : [];
  return fields(bytes).flatMap(content);
}
