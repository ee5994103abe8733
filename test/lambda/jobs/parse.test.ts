import * as parse from '../../../lambda/jobs/parse';
import { compilationInput, packagingInput } from '../../../lambda/jobs/requests';
import { PropertyReader, type Properties } from '../../../lambda/shared/properties';
import { compilationProperties, packagingProperties } from './properties';

const parseCompilationJob = (properties: Properties) => parse.parseCompilationJob(new PropertyReader(properties));
const parsePackagingJob = (properties: Properties) => parse.parsePackagingJob(new PropertyReader(properties));

test('everything that CloudFormation adds is left out', () => {
  expect(parseCompilationJob({ ...compilationProperties(), ServiceTimeout: '60' })).not.toHaveProperty('ServiceToken');
});

test('a number is as good as a text', () => {
  expect(parsePackagingJob({ ...packagingProperties(), MaxRuntimeInSeconds: 60 }).MaxRuntimeInSeconds).toBe('60');
});

test.each([
  ['NamePrefix', ''], ['RoleArn', undefined], ['MaxRuntimeInSeconds', '1.5'], ['MaxRuntimeInSeconds', '-1'], ['Input', 'x'], ['Output', []],
  ['Tags', 'x'], ['Tags', ['x']], ['VpcConfig', 'x'], ['ModelFingerprint', true],
])('fails when a compilation job has the %s %p', (name, value) => {
  expect(() => parseCompilationJob({ ...compilationProperties(), [name]: value })).toThrow(`property ${name} must be`);
});

test.each(['CompilationJobName', 'ModelName', 'ModelVersion', 'Output'])('fails when a packaging job lacks %s', (name) => {
  expect(() => parsePackagingJob({ ...packagingProperties(), [name]: undefined })).toThrow(`property ${name} must be`);
});

test('an empty tag value is one', () => {
  expect(parsePackagingJob({ ...packagingProperties(), Tags: [{ Key: 'k', Value: '' }] }).Tags).toEqual([{ Key: 'k', Value: '' }]);
});

test.each([
  ['Framework', { Input: { S3Uri: 's3://m/a.tar.gz', Framework: 'CAFFE' } }],
  ['Os', { Output: { S3BaseUri: 's3://o', TargetPlatform: { Os: 'BEOS', Arch: 'X86_64' } } }],
  ['Accelerator', { Output: { S3BaseUri: 's3://o', TargetPlatform: { Os: 'LINUX', Arch: 'X86_64', Accelerator: 'ABACUS' } } }],
])('fails when %s is not one that the API knows', (name, change) => {
  expect(() => compilationInput('job', parseCompilationJob(compilationProperties(change)))).toThrow(
    new RegExp(`^${name} '\\w+' is not one that SageMaker's API knows: `),
  );
});

test('fails when the preset deployment is of no type that the API knows', () => {
  const properties = packagingProperties({ Output: { S3BaseUri: 's3://o', PresetDeploymentType: 'Carrier pigeon' } });
  expect(() => packagingInput('job', parsePackagingJob(properties))).toThrow('PresetDeploymentType');
});
