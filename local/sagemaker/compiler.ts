import { isRecord } from '../service/validator';
import type { Files } from './archive';
import { sha256, tar, untar } from './archive';
import { JobFailure } from './job';
import { modelFiles } from './model-files';
import type { ShapeMap } from './onnx-task';
import { BadModelError, optimiseOnnx } from './onnx-task';
import type { JobStorage } from './s3-uri';
import { s3Child } from './s3-uri';
import { targetName } from './targets';
import type { CompilationRequest } from './types';

/** What a compilation leaves behind. */
export interface CompiledModel {
  readonly uri: string;
  readonly digest: string;
  /** Those of `DataInputConfig`, or the model's own. */
  readonly shapes: ShapeMap;
}

/** The work of a compilation job: real for ONNX, and a plain refusal for what only SageMaker Neo can compile. */
export async function compile(request: CompilationRequest, storage: JobStorage, signal: AbortSignal): Promise<CompiledModel> {
  const { InputConfig: input, OutputConfig: output } = request;
  if (!input) {
    throw new JobFailure('ClientError: the local stand-in has no model registry: give InputConfig instead of ModelPackageVersionArn');
  }
  const [model] = modelFiles(await unpack(await storage.read(input.S3Uri)), input.Framework);
  if (input.Framework !== 'ONNX' || !model) {
    throw new JobFailure(`ClientError: the local stand-in compiles ONNX models only, this one is ${input.Framework}. SageMaker Neo itself would take the archive`);
  }
  const shapes = input.DataInputConfig === undefined ? undefined : parsedShapes(input.DataInputConfig);
  const optimised = await optimiseOnnx(model, shapes, signal).catch((error: unknown) => {
    throw error instanceof BadModelError ? new JobFailure(`ClientError: InputConfiguration: ${error.message}`) : error;
  });
  const meta = {
    Model: { Inputs: optimised.inputs, Outputs: optimised.outputs },
    Compilation: { Framework: 'ONNX', Runtime: 'ONNX', Target: targetName(output), OptimizationLevel: 'extended' },
  };
  const archive = await tar(new Map([
    ['model.onnx', optimised.bytes],
    ['compiled.meta', Buffer.from(`${JSON.stringify(meta, undefined, 2)}\n`)],
  ]));
  const place = s3Child(output.S3OutputLocation, `model-${targetName(output)}.tar.gz`);
  signal.throwIfAborted();
  await storage.write(place, archive, output.KmsKeyId);
  return { uri: place.uri, digest: sha256(archive), shapes: optimised.shapes };
}

async function unpack(archive: Buffer): Promise<Files> {
  try {
    return await untar(archive);
  } catch (error) {
    throw new JobFailure('ClientError: InputConfiguration: Unable to untar input model. Please confirm the model is a tar.gz file', { cause: error });
  }
}

/** `{"input":[1,3,224,224]}`; dimensions that are not given make Neo fail with an internal error, so they are refused here by name. */
function parsedShapes(config: string): ShapeMap {
  const wrong = (why: string): JobFailure => new JobFailure(`ClientError: InputConfiguration: DataInputConfig ${why}, e.g. {"input":[1,3,224,224]}, got ${config}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(config);
  } catch {
    throw wrong('must be JSON');
  }
  if (!isRecord(parsed)) {
    throw wrong('of an ONNX model must be a dictionary of shapes');
  }
  return Object.fromEntries(Object.entries(parsed).map(([name, shape]) => {
    if (!isShape(shape)) {
      throw wrong(`must give each dimension of ${name} as a whole number above 0`);
    }
    return [name, shape];
  }));
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((dimension) => Number.isInteger(dimension) && dimension > 0);
}
