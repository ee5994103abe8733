/** A hand-made ONNX model: one Add of two inputs, small enough that a test compiles it in no time. */

type Dimension = number | string;

/** `a` and `b` are float32 of the given shape; `sum` is their sum. A text is a dimension that the model leaves open. */
export function addModel(shape: readonly Dimension[]): Buffer {
  const node = message([1, text('a')], [1, text('b')], [2, text('sum')], [4, text('Add')]);
  const graph = message([1, node], [2, text('graph')], [11, value('a', shape)], [11, value('b', shape)], [12, value('sum', shape)]);
  return Buffer.concat([field(1, 0), varint(8), bytes(7, graph), bytes(8, Buffer.concat([bytes(1, text('')), field(2, 0), varint(13)]))]);
}

function value(name: string, shape: readonly Dimension[]): Buffer {
  const dimensions = shape.map((dimension) => bytes(
    1,
    typeof dimension === 'number' ? Buffer.concat([field(1, 0), varint(dimension)]) : bytes(2, text(dimension)),
  ));
  const tensor = Buffer.concat([field(1, 0), varint(1), bytes(2, Buffer.concat(dimensions))]);
  return message([1, text(name)], [2, bytes(1, tensor)]);
}

function message(...fields: readonly (readonly [number, Buffer])[]): Buffer {
  return Buffer.concat(fields.map(([number, content]) => bytes(number, content)));
}

function bytes(number: number, content: Buffer): Buffer {
  return Buffer.concat([field(number, 2), varint(content.length), content]);
}

function field(number: number, wire: number): Buffer {
  return varint(number * 8 + wire);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([value % 128 + 128]), varint(Math.floor(value / 128))]);
}

function text(content: string): Buffer {
  return Buffer.from(content);
}
