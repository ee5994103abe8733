import type { CompilationJobProperties, PackagingJobProperties } from '../../../lib/jobs/contract';
import type { Resource } from '../cloudformation/template';

const COMMON = { NamePrefix: 'Demo-0a1b2c3d', RoleArn: 'arn:aws:iam::111122223333:role/Exec', MaxRuntimeInSeconds: '900' };

export function compilationProperties(changes: Partial<CompilationJobProperties> = {}): Readonly<Record<string, unknown>> {
  const properties: CompilationJobProperties = {
    ...COMMON,
    Input: { S3Uri: 's3://models/a.tar.gz', Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,320]}' },
    Output: { S3BaseUri: 's3://compiled/out', TargetPlatform: { Os: 'LINUX', Arch: 'X86_64' } },
    ...changes,
  };
  return { ServiceToken: 'arn:token', ...properties };
}

export function packagingProperties(changes: Partial<PackagingJobProperties> = {}): Readonly<Record<string, unknown>> {
  const properties: PackagingJobProperties = {
    ...COMMON,
    CompilationJobName: 'compiled-1',
    ModelName: 'text-recogniser',
    ModelVersion: '1.0',
    Output: { S3BaseUri: 's3://compiled/out' },
    ...changes,
  };
  return { ServiceToken: 'arn:token', ...properties };
}

export function compilation(changes: Partial<CompilationJobProperties> = {}): Resource {
  return { type: 'Custom::SageMakerEdge-CompilationJob', properties: compilationProperties(changes) };
}

export function packaging(changes: Partial<PackagingJobProperties> = {}): Resource {
  return { type: 'Custom::SageMakerEdge-PackagingJob', properties: packagingProperties(changes) };
}

/** Inputs of another model. */
export function model(letter: string): Partial<CompilationJobProperties> {
  return { Input: { S3Uri: `s3://models/${letter}.tar.gz`, Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,320]}' } };
}
