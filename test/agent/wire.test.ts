import fc from 'fast-check';
import { type AuxilaryData, CaptureDataRequest, DataType, Encoding, PredictRequest, PredictResponse, type Tensor } from '../../agent/generated/agent';
import { encodeCaptureRequest, encodePredictRequest, encodePredictResponse } from '../../agent/service/wire';

type ByteData = Extract<Tensor['data'], { $case: 'byteData' }>;

const byteData = fc.uint8Array({ maxLength: 300 }).map((bytes): ByteData => ({ $case: 'byteData', byteData: Buffer.from(bytes) }));
const shared = fc.constant<Tensor['data']>({ $case: 'sharedMemoryHandle', sharedMemoryHandle: { size: 1n, offset: 2n, segmentId: 3n } });
const metadata = fc.record({
  name: fc.string(),
  dataType: fc.constantFrom(DataType.UINT8, DataType.FLOAT32, DataType.FLOAT64),
  shape: fc.array(fc.integer({ min: -1, max: 1000 }), { maxLength: 5 }),
});
const tensor = fc.record({
  tensorMetadata: fc.option(metadata, { nil: undefined }),
  data: fc.oneof(byteData, shared, fc.constant<Tensor['data']>(undefined)),
});
const tensors = fc.array(tensor, { maxLength: 4 });

it('predictions are written as the generated code writes them', () => {
  fc.assert(fc.property(fc.string(), tensors, (name, list) => {
    expect(encodePredictRequest({ name, tensors: list })).toEqual(Buffer.from(PredictRequest.encode({ name, tensors: list }).finish()));
    expect(encodePredictResponse({ tensors: list })).toEqual(Buffer.from(PredictResponse.encode({ tensors: list }).finish()));
  }));
});

it('captures are written as the generated code writes them', () => {
  const encoding = fc.constantFrom(Encoding.CSV, Encoding.NONE);
  const auxiliary = fc.array(fc.record<AuxilaryData>({ name: fc.string(), encoding, data: byteData }), { maxLength: 2 });
  const time = fc.option(fc.record({ seconds: fc.bigInt({ min: 0n, max: 2n ** 40n }), nanos: fc.nat() }), { nil: undefined });
  const request = fc.record({
    modelName: fc.string(),
    captureId: fc.string(),
    inferenceTimestamp: time,
    inputTensors: tensors,
    outputTensors: tensors,
    inputs: auxiliary,
    outputs: auxiliary,
  });
  fc.assert(fc.property(request, (one) => {
    expect(encodeCaptureRequest(one)).toEqual(Buffer.from(CaptureDataRequest.encode(one).finish()));
  }));
});
