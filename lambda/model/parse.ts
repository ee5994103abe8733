import type { GivenInput } from '../../lib/model/private/onnx-check';
import type { ModelPackageProperties } from '../../lib/model/private/package-contract';
import { isRecord, type PropertyReader } from '../shared/properties';

/** The resource's properties, typed. */
export interface PackageRequest {
  readonly source: { readonly bucket: string; readonly key: string; readonly version: string | undefined };
  readonly bucket: string;
  readonly prefix: string;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly inputs: readonly GivenInput[] | undefined;
  readonly retain: boolean;
}

export function parsePackageRequest(properties: PropertyReader): PackageRequest {
  const text = (name: keyof ModelPackageProperties): string => properties.text(name);
  return {
    source: { bucket: text('SourceBucket'), key: text('SourceKey'), version: properties.optionalText('SourceVersion') },
    bucket: text('Bucket'),
    prefix: text('Prefix'),
    modelName: text('ModelName'),
    modelVersion: text('ModelVersion'),
    inputs: parseInputs(properties.optionalText('Inputs')),
    retain: properties.isTrue('Retain'),
  };
}

function parseInputs(json: string | undefined): GivenInput[] | undefined {
  if (json === undefined) {
    return undefined;
  }
  const list: unknown = JSON.parse(json);
  if (!Array.isArray(list)) {
    throw new Error('property Inputs must be a list as JSON');
  }
  return list.map((item: unknown) => {
    const { inputName, shape } = isRecord(item) ? item : {};
    return {
      inputName: typeof inputName === 'string' ? inputName : undefined,
      shape: Array.isArray(shape) ? shape.map(Number) : undefined,
    };
  });
}
