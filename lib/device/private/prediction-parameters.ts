import { Token, Tokenization } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { TextRule } from '../../private/validation';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../../private/validation';
import type { PredictionDecoding, PredictionOptions } from '../prediction-options';
import { DECIMAL, MAX_CHANNELS, OBJECT, TENSOR, type ParameterName } from './documents';

const OBJECT_RULE: TextRule = { pattern: new RegExp(OBJECT), wanted: '1 to 128 letters, digits and _ . -' };

const TENSOR_RULE: TextRule = {
  pattern: new RegExp(`^${TENSOR}$`), wanted: '1 to 128 letters, digits and _ . : / -, the first a letter, digit or _',
};

const DECIMAL_RULE: TextRule = { pattern: new RegExp(`^${DECIMAL}$`), wanted: 'a decimal of up to 9 digits, and 12 after the point' };

/** The parameters of a document that predicts. Throws, with `scope`, for what the document would refuse. */
export function predictionParameters(scope: Construct, options: PredictionOptions): Partial<Record<ParameterName, string>> {
  const { modelName, input, tensor, shape, mean, std, fit, decoding } = options;
  validateText(scope, 'modelName', modelName, ENTITY_NAME);
  validateText(scope, 'input', input, OBJECT_RULE);
  validateText(scope, 'tensor', tensor, TENSOR_RULE);
  for (const dimension of shape ?? []) {
    validateInteger(scope, 'dimension of shape', dimension, 1, 999_999_999);
  }
  for (const divisor of std ?? []) {
    if (divisor === 0) {
      throw new ValidationError(scope, 'std must have numbers other than 0, got 0');
    }
  }
  return {
    ModelName: modelName,
    Input: input,
    ...tensor === undefined ? {} : { Tensor: tensor },
    ...shape === undefined ? {} : { Shape: shape.map((dimension) => Tokenization.stringifyNumber(dimension)).join(',') },
    ...mean === undefined ? {} : { Mean: decimals(scope, 'mean', mean) },
    ...std === undefined ? {} : { Std: decimals(scope, 'std', std) },
    ...fit === undefined ? {} : { Fit: fit },
    ...decoding === undefined ? {} : decodingParameters(scope, decoding),
  };
}

function decodingParameters(scope: Construct, decoding: PredictionDecoding): Partial<Record<ParameterName, string>> {
  const { labels, layout, score, top } = decoding._options;
  validateText(scope, 'object with labels or keys', labels, OBJECT_RULE);
  validateInteger(scope, 'top', top, 1, 999);
  if (score !== undefined && !Token.isUnresolved(score) && !(score >= 0 && score <= 1)) {
    throw new ValidationError(scope, `score must be a number from 0 to 1, got ${score}`);
  }
  return {
    Decode: decoding._kind,
    ...labels === undefined ? {} : { Labels: labels },
    ...layout === undefined ? {} : { Boxes: layout },
    ...score === undefined ? {} : { Score: decimals(scope, 'score', [score]) },
    ...top === undefined ? {} : { Top: Tokenization.stringifyNumber(top) },
  };
}

function decimals(scope: Construct, what: string, values: readonly number[]): string {
  if (values.length === 0 || values.length > MAX_CHANNELS) {
    throw new ValidationError(scope, `${what} must have 1 to ${MAX_CHANNELS} numbers, got ${values.length}`);
  }
  return values.map((value) => {
    const text = Tokenization.stringifyNumber(value);
    validateText(scope, `number of ${what}`, text, DECIMAL_RULE);
    return text;
  }).join(',');
}
