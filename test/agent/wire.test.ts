import fc from 'fast-check';
import { DataType, PredictRequest, PredictResponse, type Tensor } from '../../agent/generated/agent';
import { encodePredictRequest, encodePredictResponse } from '../../agent/service/wire';

const byteData = fc.uint8Array({ maxLength: 300 }).map((bytes): Tensor['data'] => ({ $case: 'byteData', byteData: Buffer.from(bytes) }));
const shared = fc.constant<Tensor['data']>({ $case: 'sharedMemoryHandle', sharedMemoryHandle: { size: 1n, offset: 2n, segmentId: 3n } });
const metadata = fc.record({ name: fc.string(), dataType: fc.constantFrom(DataType.UINT8, DataType.FLOAT32, DataType.FLOAT64), shape: fc.array(fc.integer({ min: -1, max: 1000 }), { maxLength: 5 }) });
const tensors = fc.array(fc.record({ tensorMetadata: fc.option(metadata, { nil: undefined }), data: fc.oneof(byteData, shared, fc.constant<Tensor['data']>(undefined)) }), { maxLength: 4 });

it('predictions are written as the generated code writes them', () => {
  fc.assert(fc.property(fc.string(), tensors, (name, list) => {
    expect(encodePredictRequest({ name, tensors: list })).toEqual(Buffer.from(PredictRequest.encode({ name, tensors: list }).finish()));
    expect(encodePredictResponse({ tensors: list })).toEqual(Buffer.from(PredictResponse.encode({ tensors: list }).finish()));
  }));
});
