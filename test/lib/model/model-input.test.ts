import { Lazy } from 'aws-cdk-lib';
import { CoreMlDimension, CoreMlShape, ModelInput } from '../../../lib';

test('a tensor has its name and shape', () => {
  expect(ModelInput.tensor('x', [1, 3])).toMatchObject({ inputName: 'x', shape: [1, 3] });
});

test.each([0, -1, 1.5, NaN, Infinity])('fails when a dimension is %d', (dimension) => {
  expect(() => ModelInput.tensor('x', [1, dimension])).toThrow(`shape of input 'x' must hold positive whole numbers alone, since the compiler fails on dynamic and unknown dimensions, got [1, ${dimension}]`);
});

test('fails when a dimension is known at deployment', () => {
  expect(() => ModelInput.unnamedTensor([Lazy.number({ produce: () => 1 })])).toThrow(
    'shape of an input without a name must be known at synth, got a token',
  );
});

test('fails when the name is empty', () => {
  expect(() => ModelInput.tensor('', [1])).toThrow("name of a model input must have at least 1 character, got ''");
});

describe('for CoreML', () => {
  test.each([
    ['one shape', CoreMlShape.fixed([1, 224, 224, 3]), '{"shape":[1,224,224,3]}'],
    ['a range', CoreMlShape.flexible([CoreMlDimension.range(1, 10), CoreMlDimension.fixed(224)]), '{"shape":["1..10",224]}'],
    ['a list of shapes', CoreMlShape.enumerated([[1, 224], [1, 160]]), '{"shape":[[1,224],[1,160]]}'],
    ['a list of one', CoreMlShape.enumerated([[1, 224]]), '{"shape":[[1,224]]}'],
  ])('%s is rendered', (_name, shape, json) => {
    expect(JSON.stringify(ModelInput.coreMl('x', { shape })._render())).toBe(json);
  });

  test('an image has its bias and scale', () => {
    const input = ModelInput.coreMl('x', {
      shape: CoreMlShape.fixed([1, 2]),
      defaultShape: [1, 2],
      image: { bias: [-1, -1, -1], scale: 0.007843137255 },
    });
    expect(JSON.stringify(input._render())).toBe('{"shape":[1,2],"default_shape":[1,2],"type":"Image","bias":[-1,-1,-1],"scale":0.007843137255}');
  });

  test('a default shape within the range passes', () => {
    const shape = CoreMlShape.flexible([CoreMlDimension.range(1, 10)]);
    expect(ModelInput.coreMl('x', { shape, defaultShape: [10] })._render()).toMatchObject({ default_shape: [10] });
  });

  test.each([
    [CoreMlShape.flexible([CoreMlDimension.range(1, 10)]), [11], 'must be one that its shape admits, [1..10], got [11]'],
    [CoreMlShape.enumerated([[1, 224], [1, 160]]), [1, 200], 'must be one that its shape admits, [1, 224] or [1, 160], got [1, 200]'],
    [CoreMlShape.fixed([1]), [1, 1], 'must be one that its shape admits, [1], got [1, 1]'],
  ])('fails when the shape does not admit the default shape', (shape, defaultShape, message) => {
    expect(() => ModelInput.coreMl('x', { shape, defaultShape })).toThrow(message);
  });

  test('fails when a range does not grow', () => {
    expect(() => CoreMlDimension.range(10, 10)).toThrow('a range of CoreML dimensions must grow, got 10..10');
  });

  test('fails when a dimension is not a positive whole number', () => {
    expect(() => CoreMlDimension.range(0, 10)).toThrow('a CoreML dimension must be a positive whole number, got 0..10');
    expect(() => CoreMlShape.fixed([1.5])).toThrow('a CoreML dimension must be a positive whole number, got 1.5');
  });

  test('fails when there is no dimension', () => {
    expect(() => CoreMlShape.fixed([])).toThrow('a CoreML shape must have at least 1 dimension, got none');
    expect(() => CoreMlShape.enumerated([])).toThrow('a CoreML shape must have at least 1 dimension, got none');
  });
});
