import { Token } from 'aws-cdk-lib';
import { ValidationError } from '../private/validation';
import type { LabelImage } from './private/labels-contract';

const CHANNELS = 3;

/**
 * How the values of a picture became those of a tensor of floats: (value / 255 - mean) / std. Tensors of whole numbers have the values
 * themselves.
 */
export interface ImageTensorOptions {
  /**
   * What was taken from the values: one number, or one for each of three channels.
   *
   * @default - 0 where `std` is given. Without both, values from 0 to 1 are taken as such, and others are spread from black to white
   */
  readonly mean?: number[];

  /**
   * What the values were divided by: one number, or one for each of three channels. None is 0.
   *
   * @default - 1 where `mean` is given
   */
  readonly std?: number[];
}

/** How pictures became the inputs of a model, so that they can be made pictures again. */
export class ImageTensor {
  /** Channels come first: [N, C, H, W] or [C, H, W]. C is 1 or 3, and H and W are 8 or more. */
  public static nchw(options: ImageTensorOptions = {}): ImageTensor {
    return new ImageTensor({ isPlanar: true, ...checked(options) });
  }

  /** Channels come last: [N, H, W, C] or [H, W, C]. C is 1 or 3, and H and W are 8 or more. */
  public static nhwc(options: ImageTensorOptions = {}): ImageTensor {
    return new ImageTensor({ isPlanar: false, ...checked(options) });
  }

  /** Whether channels come first or last is told from the shape of each tensor. */
  public static guessed(options: ImageTensorOptions = {}): ImageTensor {
    return new ImageTensor(checked(options));
  }

  private constructor(
    /** For the function.
     * @internal */
    public readonly _image: LabelImage,
  ) {}
}

function checked({ mean, std }: ImageTensorOptions): LabelImage {
  check('mean', mean);
  check('std', std);
  if (std?.includes(0)) {
    throw new ValidationError(undefined, `std of an ImageTensor must have numbers other than 0, got ${std.join(', ')}`);
  }
  return { ...mean && { mean }, ...std && { std } };
}

function check(name: string, values: number[] = [0]): void {
  const areKnown = values.every((value) => Number.isFinite(value) && !Token.isUnresolved(value));
  if (![1, CHANNELS].includes(values.length) || !areKnown) {
    throw new ValidationError(undefined, `${name} of an ImageTensor must have one number, or one for each of ${CHANNELS} channels, `
      + `got ${values.join(', ') || 'none'}`);
  }
}
