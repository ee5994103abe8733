import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { CaptureDataRequest, Tensor, TensorMetadata, type PredictRequest, type PredictResponse } from '../generated/agent';

// The generated code copies a tensor's bytes once for each message around it, and once more at the end. Predictions and
// captures carry megabytes: here they are copied once.

export function encodePredictRequest({ name, tensors }: PredictRequest): Buffer {
  const head = name === '' ? [] : [new BinaryWriter().uint32(10).string(name).finish()];
  return Buffer.concat([...head, ...tensors.flatMap((tensor) => tensorParts(2, tensor))]);
}

export function encodePredictResponse({ tensors }: PredictResponse): Buffer {
  return Buffer.concat(tensors.flatMap((tensor) => tensorParts(1, tensor)));
}

export function encodeCaptureRequest(request: CaptureDataRequest): Buffer {
  const { inputTensors, outputTensors, inputs, outputs } = request;
  const head = CaptureDataRequest.encode({ ...request, inputTensors: [], outputTensors: [], inputs: [], outputs: [] }).finish();
  const tail = CaptureDataRequest.encode({
    modelName: '',
    captureId: '',
    inferenceTimestamp: undefined,
    inputTensors: [],
    outputTensors: [],
    inputs,
    outputs,
  }).finish();
  const inputParts = inputTensors.flatMap((tensor) => tensorParts(4, tensor));
  const outputParts = outputTensors.flatMap((tensor) => tensorParts(5, tensor));
  return Buffer.concat([head, ...inputParts, ...outputParts, tail]);
}

function tensorParts(field: number, tensor: Tensor): Uint8Array[] {
  const tag = (field << 3) | 2; // a message with its length before it
  if (tensor.data?.$case !== 'byteData') {
    return [new BinaryWriter().uint32(tag).bytes(Tensor.encode(tensor).finish()).finish()];
  }
  const { byteData } = tensor.data;
  const inner = new BinaryWriter();
  if (tensor.tensorMetadata !== undefined) {
    inner.uint32(10).bytes(TensorMetadata.encode(tensor.tensorMetadata).finish());
  }
  const before = inner.uint32(34).uint32(byteData.length).finish();
  return [new BinaryWriter().uint32(tag).uint32(before.length + byteData.length).finish(), before, byteData];
}
