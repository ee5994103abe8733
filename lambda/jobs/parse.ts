import type { CompilationJobProperties, JobTag, PackagingJobProperties } from '../../lib/jobs/contract';
import type { PropertyReader } from '../shared/properties';

/** The properties of a compilation job. Throws, naming the member, unless they are all there. */
export function parseCompilationJob(properties: PropertyReader): CompilationJobProperties {
  const input = properties.object('Input');
  const output = properties.object('Output');
  return {
    ...parseCommon(properties),
    Input: {
      S3Uri: input.text('S3Uri'),
      Framework: input.text('Framework'),
      DataInputConfig: input.optionalText('DataInputConfig'),
      FrameworkVersion: input.optionalText('FrameworkVersion'),
    },
    ModelFingerprint: properties.optionalText('ModelFingerprint'),
    Output: {
      S3BaseUri: output.text('S3BaseUri'),
      KmsKeyId: output.optionalText('KmsKeyId'),
      TargetDevice: output.optionalText('TargetDevice'),
      TargetPlatform: output.isAbsent('TargetPlatform') ? undefined : parsePlatform(output.object('TargetPlatform')),
      CompilerOptions: output.optionalText('CompilerOptions'),
    },
    VpcConfig: properties.isAbsent('VpcConfig') ? undefined : parseVpc(properties.object('VpcConfig')),
  };
}

/** The properties of a packaging job. Throws, naming the member, unless they are all there. */
export function parsePackagingJob(properties: PropertyReader): PackagingJobProperties {
  const output = properties.object('Output');
  return {
    ...parseCommon(properties),
    CompilationJobName: properties.text('CompilationJobName'),
    ModelName: properties.text('ModelName'),
    ModelVersion: properties.text('ModelVersion'),
    Output: {
      S3BaseUri: output.text('S3BaseUri'),
      KmsKeyId: output.optionalText('KmsKeyId'),
      PresetDeploymentType: output.optionalText('PresetDeploymentType'),
      PresetDeploymentConfig: output.optionalText('PresetDeploymentConfig'),
    },
    ResourceKey: properties.optionalText('ResourceKey'),
  };
}

function parseCommon(properties: PropertyReader) {
  return {
    NamePrefix: properties.text('NamePrefix'),
    RoleArn: properties.text('RoleArn'),
    MaxRuntimeInSeconds: String(properties.wholeNumber('MaxRuntimeInSeconds', 1)),
    Tags: properties.objects('Tags').map(parseTag),
  };
}

function parseTag(tag: PropertyReader): JobTag {
  return { Key: tag.text('Key'), Value: tag.anyText('Value') };
}

function parsePlatform(platform: PropertyReader) {
  return { Os: platform.text('Os'), Arch: platform.text('Arch'), Accelerator: platform.optionalText('Accelerator') };
}

function parseVpc(vpc: PropertyReader) {
  return { SecurityGroupIds: vpc.textList('SecurityGroupIds'), Subnets: vpc.textList('Subnets') };
}
