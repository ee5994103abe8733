import { fields, text, type WireField } from './protobuf-wire';

// Field numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const FUNCTION_NODE = 7;
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 };
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE = { tensor: [5, 10], graph: [6, 11], sparseTensor: [22, 23] };
const SPARSE_TENSOR = [1, 2];
const TENSOR_EXTERNAL_DATA = 13;
const ENTRY = { key: 1, value: 2 };

/** Where the weights lie that are not in the file: relative to its folder, as the graph gives them. */
export function externalDataOfGraph(graph: Buffer): string[] {
  return [
    ...parts(graph, GRAPH.node).flatMap(ofNode),
    ...parts(graph, GRAPH.initializer).flatMap(ofTensor),
    ...parts(graph, GRAPH.sparseInitializer).flatMap(ofSparseTensor),
  ];
}

/** The same for a model's own function. */
export function externalDataOfFunction(bytes: Buffer): string[] {
  return parts(bytes, FUNCTION_NODE).flatMap(ofNode);
}

/** Weights lie in attributes too: constants, and the graphs of loops and branches. */
function ofNode(node: Buffer): string[] {
  return parts(node, NODE_ATTRIBUTE).flatMap((attribute) => [
    ...parts(attribute, ...ATTRIBUTE.tensor).flatMap(ofTensor),
    ...parts(attribute, ...ATTRIBUTE.graph).flatMap(externalDataOfGraph),
    ...parts(attribute, ...ATTRIBUTE.sparseTensor).flatMap(ofSparseTensor),
  ]);
}

function ofSparseTensor(bytes: Buffer): string[] {
  return parts(bytes, ...SPARSE_TENSOR).flatMap(ofTensor);
}

function ofTensor(tensor: Buffer): string[] {
  return parts(tensor, TENSOR_EXTERNAL_DATA)
    .filter((entry) => parts(entry, ENTRY.key).map(text).includes('location'))
    .flatMap((entry) => parts(entry, ENTRY.value).map(text));
}

/** The messages and texts of these fields. */
function parts(bytes: Buffer, ...numbers: number[]): Buffer[] {
  const wanted = ({ number, bytes: content }: WireField): Buffer[] => content && numbers.includes(number) ? [content] : [];
  return fields(bytes).flatMap(wanted);
}
