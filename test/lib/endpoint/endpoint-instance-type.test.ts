import { ProductionVariantInstanceType } from '@aws-sdk/client-sagemaker';
import { Fn, Token } from 'aws-cdk-lib';
import { EndpointInstanceType } from '../../../lib';
import { instanceSize } from '../../../lib/endpoint/private/instance-types';

test.each([
  ['ml.m5.large', 2, 8, 0], ['ml.m5.12xlarge', 48, 192, 0], ['ml.c5.18xlarge', 72, 144, 0], ['ml.c4.8xlarge', 36, 60, 0], ['ml.r8g.medium', 1, 8, 0],
  ['ml.t2.medium', 2, 4, 0], ['ml.g4dn.12xlarge', 48, 192, 4], ['ml.m7i.48xlarge', 192, 768, 0],
])('%s has %d vCPUs, %d GiB and %d GPUs', (name, vcpus, memoryGib, gpus) => {
  expect(EndpointInstanceType.of(name)).toMatchObject({ instanceTypeName: name, vcpus, memoryGib, gpus });
});

test('a type that is not in the table has what it is given', () => {
  expect(EndpointInstanceType.of('ml.x9.large', { vcpus: 2, memoryGib: 1.5, gpus: 1 })).toMatchObject({ vcpus: 2, memoryGib: 1.5, gpus: 1 });
  expect(EndpointInstanceType.of('ml.x9.large')).toMatchObject({ vcpus: undefined, memoryGib: undefined, gpus: 0 });
  expect(EndpointInstanceType.of('ml.m5.3xlarge').vcpus).toBeUndefined();
});

test('what is given comes before the table', () => {
  expect(EndpointInstanceType.of('ml.m5.large', { vcpus: 1 })).toMatchObject({ vcpus: 1, memoryGib: 8 });
});

test('a type can be a token', () => {
  expect(Token.isUnresolved(EndpointInstanceType.of(Fn.importValue('type')).toString())).toBe(true);
});

test('each constant has a size', () => {
  const constants = Object.values(EndpointInstanceType).filter((value) => value instanceof EndpointInstanceType);
  expect(constants.length).toBeGreaterThan(20);
  expect(constants.filter(({ vcpus, memoryGib }) => vcpus === undefined || memoryGib === undefined)).toEqual([]);
});

test('the types of SageMaker that the table does not have are these', () => {
  const missing = Object.values(ProductionVariantInstanceType).filter((name) => instanceSize(name) === undefined);
  expect([...new Set(missing.map((name) => name.split('.')[1]))].sort()).toEqual([
    'dl1', 'g6e', 'g7', 'g7e', 'p2', 'p5', 'p5e', 'p5en', 'p6-b200', 'p6-b300', 'p6e-gb200', 'trn1', 'trn1n', 'trn2',
  ]);
});

test.each([
  ['the name has no ml.', 'm5.large', {}, "an instance type must be like 'ml.m5.xlarge', got 'm5.large'"],
  ['there is no vCPU', 'ml.x9.large', { vcpus: 0 }, 'vcpus of ml.x9.large must be a whole number, at least 1, got 0'],
  ['there is half a GPU', 'ml.x9.large', { gpus: 0.5 }, 'gpus of ml.x9.large must be a whole number, at least 0, got 0.5'],
  ['there is no memory', 'ml.x9.large', { memoryGib: 0 }, 'memoryGib of ml.x9.large must be more than 0, got 0'],
])('fails when %s', (_, name, options, message) => {
  expect(() => EndpointInstanceType.of(name, options)).toThrow(message);
});
