import type { CompilationJobProperties, JobTag, PackagingJobProperties } from '../../lib/jobs/contract';

type Properties = Readonly<Record<string, unknown>>;

/** The properties of a compilation job. Throws, naming the member, unless they are all there. */
export function parseCompilationJob(properties: Properties): CompilationJobProperties {
  const input = object(properties, 'Input');
  const output = object(properties, 'Output');
  return {
    ...parseCommon(properties),
    Input: {
      S3Uri: text(input, 'S3Uri'),
      Framework: text(input, 'Framework'),
      ...optional(input, 'DataInputConfig'),
      ...optional(input, 'FrameworkVersion'),
    },
    ...optional(properties, 'ModelFingerprint'),
    Output: {
      S3BaseUri: text(output, 'S3BaseUri'),
      ...optional(output, 'KmsKeyId'),
      ...optional(output, 'TargetDevice'),
      ...('TargetPlatform' in output ? { TargetPlatform: parsePlatform(object(output, 'TargetPlatform')) } : {}),
      ...optional(output, 'CompilerOptions'),
    },
    ...('VpcConfig' in properties ? { VpcConfig: parseVpc(object(properties, 'VpcConfig')) } : {}),
  };
}

/** The properties of a packaging job. Throws, naming the member, unless they are all there. */
export function parsePackagingJob(properties: Properties): PackagingJobProperties {
  const output = object(properties, 'Output');
  return {
    ...parseCommon(properties),
    CompilationJobName: text(properties, 'CompilationJobName'),
    ModelName: text(properties, 'ModelName'),
    ModelVersion: text(properties, 'ModelVersion'),
    Output: {
      S3BaseUri: text(output, 'S3BaseUri'),
      ...optional(output, 'KmsKeyId'),
      ...optional(output, 'PresetDeploymentType'),
      ...optional(output, 'PresetDeploymentConfig'),
    },
    ...optional(properties, 'ResourceKey'),
  };
}

function parseCommon(properties: Properties) {
  const seconds = text(properties, 'MaxRuntimeInSeconds');
  if (!/^[1-9][0-9]*$/.test(seconds)) { throw new Error(`property MaxRuntimeInSeconds must be a whole number of seconds, got '${seconds}'`); }
  return {
    NamePrefix: text(properties, 'NamePrefix'),
    RoleArn: text(properties, 'RoleArn'),
    MaxRuntimeInSeconds: seconds,
    ...('Tags' in properties ? { Tags: list(properties, 'Tags').map(parseTag) } : {}),
  };
}

function parseTag(value: unknown): JobTag {
  if (!isObject(value)) { throw new Error('property Tags must be a list of objects'); }
  return { Key: text(value, 'Key'), Value: text(value, 'Value', true) };
}

function parsePlatform(platform: Properties) {
  return { Os: text(platform, 'Os'), Arch: text(platform, 'Arch'), ...optional(platform, 'Accelerator') };
}

function parseVpc(vpc: Properties) {
  return { SecurityGroupIds: list(vpc, 'SecurityGroupIds').map(String), Subnets: list(vpc, 'Subnets').map(String) };
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(properties: Properties, name: string): Properties {
  const value = properties[name];
  if (!isObject(value)) { throw new Error(`property ${name} must be an object`); }
  return value;
}

function list(properties: Properties, name: string): readonly unknown[] {
  const value = properties[name];
  if (!Array.isArray(value)) { throw new Error(`property ${name} must be a list`); }
  return value;
}

/** CloudFormation sends every scalar as text; a number from elsewhere is welcome too. */
function text(properties: Properties, name: string, mayBeEmpty = false): string {
  const value = properties[name];
  const string = typeof value === 'number' ? String(value) : value;
  if (typeof string !== 'string' || (string === '' && !mayBeEmpty)) { throw new Error(`property ${name} must be a text`); }
  return string;
}

function optional<K extends string>(properties: Properties, name: K): Readonly<Partial<Record<K, string>>> {
  const value = properties[name];
  const present: Partial<Record<K, string>> = {};
  if (value !== undefined && value !== '') { present[name] = text(properties, name); }
  return present;
}
