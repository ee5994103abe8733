import {
  EdgePresetDeploymentType, Framework, TargetPlatformAccelerator, TargetPlatformArch, TargetPlatformOs,
  type CreateCompilationJobCommandInput, type CreateEdgePackagingJobCommandInput, type Tag, type TargetDevice, type TargetPlatform,
} from '@aws-sdk/client-sagemaker';
import type { CompilationJobProperties, JobTag, PackagingJobProperties } from '../../lib/jobs/contract';
import { JobError } from './errors';
import { outputFolder } from './naming';

/** The request that starts a compilation job. What was not given is not sent: the service refuses some members when they are empty. */
export function compilationInput(name: string, properties: CompilationJobProperties): CreateCompilationJobCommandInput {
  const { Input: input, Output: output, VpcConfig: vpc } = properties;
  return {
    CompilationJobName: name,
    RoleArn: properties.RoleArn,
    InputConfig: {
      S3Uri: input.S3Uri,
      Framework: member('Framework', Framework, input.Framework),
      ...(input.DataInputConfig === undefined ? {} : { DataInputConfig: input.DataInputConfig }),
      ...(input.FrameworkVersion === undefined ? {} : { FrameworkVersion: input.FrameworkVersion }),
    },
    OutputConfig: {
      S3OutputLocation: outputFolder(output.S3BaseUri, name),
      ...(isDevice(output.TargetDevice) ? { TargetDevice: output.TargetDevice } : {}),
      ...(output.TargetPlatform === undefined ? {} : { TargetPlatform: platform(output.TargetPlatform) }),
      ...(output.CompilerOptions === undefined ? {} : { CompilerOptions: output.CompilerOptions }),
      ...(output.KmsKeyId === undefined ? {} : { KmsKeyId: output.KmsKeyId }),
    },
    StoppingCondition: { MaxRuntimeInSeconds: Number(properties.MaxRuntimeInSeconds) },
    ...(vpc === undefined ? {} : { VpcConfig: { SecurityGroupIds: [...vpc.SecurityGroupIds], Subnets: [...vpc.Subnets] } }),
    ...tags(properties.Tags),
  };
}

/** The request that starts an edge packaging job. */
export function packagingInput(name: string, properties: PackagingJobProperties): CreateEdgePackagingJobCommandInput {
  const { Output: output } = properties;
  const preset = output.PresetDeploymentType;
  return {
    EdgePackagingJobName: name,
    CompilationJobName: properties.CompilationJobName,
    ModelName: properties.ModelName,
    ModelVersion: properties.ModelVersion,
    RoleArn: properties.RoleArn,
    OutputConfig: {
      S3OutputLocation: outputFolder(output.S3BaseUri, name),
      ...(output.KmsKeyId === undefined ? {} : { KmsKeyId: output.KmsKeyId }),
      ...(preset === undefined ? {} : { PresetDeploymentType: member('PresetDeploymentType', EdgePresetDeploymentType, preset) }),
      ...(output.PresetDeploymentConfig === undefined ? {} : { PresetDeploymentConfig: output.PresetDeploymentConfig }),
    },
    ...(properties.ResourceKey === undefined ? {} : { ResourceKey: properties.ResourceKey }),
    ...tags(properties.Tags),
  };
}

function platform({ Os, Arch, Accelerator }: NonNullable<CompilationJobProperties['Output']['TargetPlatform']>): TargetPlatform {
  return {
    Os: member('Os', TargetPlatformOs, Os),
    Arch: member('Arch', TargetPlatformArch, Arch),
    ...(Accelerator === undefined ? {} : { Accelerator: member('Accelerator', TargetPlatformAccelerator, Accelerator) }),
  };
}

function tags(given: readonly JobTag[] | undefined): { Tags?: Tag[] } {
  return given === undefined || given.length === 0 ? {} : { Tags: given.map((tag) => ({ ...tag })) };
}

/** Any name: a device that came after this SDK is the service's to know (`TargetDevice.of`). */
function isDevice(name: string | undefined): name is TargetDevice {
  return name !== undefined;
}

function member<T extends string>(what: string, values: Readonly<Record<string, T>>, value: string): T {
  const found = Object.values(values).find((candidate) => candidate === value);
  if (found === undefined) {
    throw new JobError(`${what} '${value}' is not one that SageMaker's API knows: ${Object.values(values).join(', ')}`);
  }
  return found;
}
