import { Token } from 'aws-cdk-lib';
import { ValidationError } from '../private/validation';
import type { CoreMlInputOptions } from './core-ml-input';

/**
 * An input of a model: its name and shape, as SageMaker Neo wants them in `DataInputConfig`.
 * Inputs are given as a list, since some frameworks need their order.
 */
export class ModelInput {
  /**
   * An input of one fixed shape.
   * @param name name of the input in the model, for example `data` or `input_1`
   * @param shape its dimensions, each a positive whole number; empty for a scalar
   */
  public static tensor(name: string, shape: number[]): ModelInput {
    return new ModelInput(checkName(name), checkShape(`shape of input '${name}'`, shape));
  }

  /**
   * An input of one fixed shape that is known by its place in the list. Only PyTorch takes inputs without names.
   * @param shape its dimensions, each a positive whole number
   */
  public static unnamedTensor(shape: number[]): ModelInput {
    return new ModelInput(undefined, checkShape('shape of an input without a name', shape));
  }

  /**
   * An input for the CoreML target, whose shape may be flexible and which may be an image.
   * @param name name of the input in the model
   * @param options its shape and type
   */
  public static coreMl(name: string, options: CoreMlInputOptions): ModelInput {
    return new ModelInput(checkName(name), undefined, renderCoreMl(options));
  }

  /**
   * An input for the CoreML target that is known by its place in the list. Only PyTorch takes inputs without names.
   * @param options its shape and type
   */
  public static unnamedCoreMl(options: CoreMlInputOptions): ModelInput {
    return new ModelInput(undefined, undefined, renderCoreMl(options));
  }

  private constructor(
    /** Name of the input in the model; undefined where its place in the list says which it is. */
    public readonly inputName: string | undefined,
    /** Its dimensions; undefined for a CoreML input. */
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
