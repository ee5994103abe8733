import { Token } from 'aws-cdk-lib';
import { ValidationError } from '../private/validation';
import type { CoreMlInputOptions } from './core-ml-input';

/**
 * An input of a model: its name and shape, as SageMaker Neo expects them in `DataInputConfig`.
 *
 * The inputs of a model are a list, because some frameworks depend on their order.
 */
export class ModelInput {
  /**
   * An input with a fixed shape.
   * @param name the name of the input in the model, for example `data` or `input_1`
   * @param shape the dimensions, each a positive whole number; empty for a scalar
   */
  public static tensor(name: string, shape: number[]): ModelInput {
    return new ModelInput(checkName(name), checkShape(`shape of input '${name}'`, shape));
  }

  /**
   * An input with a fixed shape and without a name: its position in the list identifies it. Only PyTorch accepts such inputs.
   * @param shape the dimensions, each a positive whole number
   */
  public static unnamedTensor(shape: number[]): ModelInput {
    return new ModelInput(undefined, checkShape('shape of an input without a name', shape));
  }

  /**
   * An input for the CoreML target. Its shape can be flexible, and it can be an image.
   * @param name the name of the input in the model
   * @param options the shape and the type of the input
   */
  public static coreMl(name: string, options: CoreMlInputOptions): ModelInput {
    return new ModelInput(checkName(name), undefined, renderCoreMl(options));
  }

  /**
   * An input for the CoreML target without a name: its position in the list identifies it. Only PyTorch accepts such inputs.
   * @param options the shape and the type of the input
   */
  public static unnamedCoreMl(options: CoreMlInputOptions): ModelInput {
    return new ModelInput(undefined, undefined, renderCoreMl(options));
  }

  private constructor(
    /** The name of the input in the model; undefined if its position in the list identifies it. */
    public readonly inputName: string | undefined,
    /** The dimensions; undefined for a CoreML input. */
    public readonly shape: number[] | undefined,
    private readonly json: unknown = shape,
  ) {}

  /** @internal */
  public get _isCoreMl(): boolean {
    return this.shape === undefined;
  }

  /** The JSON value of this input in `DataInputConfig`.
   * @internal */
  public _render(): unknown {
    return this.json;
  }
}

function renderCoreMl({ shape, defaultShape, image }: CoreMlInputOptions): unknown {
  return {
    shape: shape._render(defaultShape),
    default_shape: defaultShape,
    ...image && { type: 'Image', bias: image.bias, scale: image.scale },
  };
}

function checkName(name: string): string {
  if (name === '') {
    throw new ValidationError(undefined, "name of a model input must have at least 1 character, got ''");
  }
  return name;
}

/** A copy of `shape`, if each dimension is a positive whole number. */
function checkShape(what: string, shape: number[]): number[] {
  for (const dimension of shape) {
    if (Token.isUnresolved(dimension)) {
      throw new ValidationError(undefined, `${what} must be known at synth, got a token`);
    }
    if (!Number.isSafeInteger(dimension) || dimension < 1) {
      throw new ValidationError(undefined, `${what} must hold positive whole numbers alone, since the compiler fails on dynamic and unknown dimensions, got [${shape.map(String).join(', ')}]`);
    }
  }
  return [...shape];
}
