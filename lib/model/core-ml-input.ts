import { ValidationError } from '../private/validation';

/** Options of an input for the CoreML target. */
export interface CoreMlInputOptions {
  /** The shape of the input: one shape, a flexible one, or a list of shapes. */
  readonly shape: CoreMlShape;

  /**
   * The shape that the CoreML model uses if its caller gives none. `shape` must admit it.
   * @default - the converter chooses one of the shapes
   */
  readonly defaultShape?: number[];

  /**
   * The image options. If given, the input is an image.
   * @default - the input is a tensor (a MultiArray)
   */
  readonly image?: CoreMlImageOptions;
}

/** How the pixels of an image are converted to numbers. */
export interface CoreMlImageOptions {
  /** The values that are added to the channels, for example `[-1, -1, -1]`. */
  readonly bias: number[];

  /** The factor that each pixel value is multiplied by, for example `0.007843137255`. */
  readonly scale: number;
}

/** A dimension of a flexible CoreML shape. */
export class CoreMlDimension {
  /** A dimension with one size. */
  public static fixed(size: number): CoreMlDimension {
    return new CoreMlDimension(size, size);
  }

  /** A dimension with any size from `min` to `max`, both inclusive. */
  public static range(min: number, max: number): CoreMlDimension {
    if (min >= max) {
      throw new ValidationError(undefined, `a range of CoreML dimensions must grow, got ${min}..${max}`);
    }
    return new CoreMlDimension(min, max);
  }

  private constructor(
    /** The smallest size. */
    public readonly min: number,
    /** The largest size. */
    public readonly max: number,
  ) {
    if (![min, max].every(isSize)) {
      throw new ValidationError(undefined, `a CoreML dimension must be a positive whole number, got ${min === max ? min : `${min}..${max}`}`);
    }
  }
}

/** The shape of an input for the CoreML target. */
export class CoreMlShape {
  /** One shape. */
  public static fixed(shape: number[]): CoreMlShape {
    return new CoreMlShape([shape.map((size) => CoreMlDimension.fixed(size))]);
  }

  /** A shape whose dimensions can vary, each within its range. */
  public static flexible(dimensions: CoreMlDimension[]): CoreMlShape {
    return new CoreMlShape([[...dimensions]]);
  }

  /** One of a list of shapes. */
  public static enumerated(shapes: number[][]): CoreMlShape {
    return new CoreMlShape(shapes.map((shape) => shape.map((size) => CoreMlDimension.fixed(size))), true);
  }

  private constructor(private readonly shapes: CoreMlDimension[][], private readonly isList = false) {
    if (shapes.length === 0 || shapes.some((shape) => shape.length === 0)) {
      throw new ValidationError(undefined, 'a CoreML shape must have at least 1 dimension, got none');
    }
  }

  /** The JSON value of `shape`, checked against the default shape.
   * @internal */
  public _render(defaultShape?: number[]): unknown {
    if (defaultShape && !this.shapes.some((shape) => admits(shape, defaultShape))) {
      throw new ValidationError(undefined, `default shape of a CoreML input must be one that its shape admits, ${this.shapes.map(words).join(' or ')}, got [${defaultShape.join(', ')}]`);
    }
    const rendered = this.shapes.map((shape) => shape.map((d) => d.min === d.max ? d.min : `${d.min}..${d.max}`));
    return this.isList ? rendered : rendered[0];
  }
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function admits(shape: CoreMlDimension[], wanted: number[]): boolean {
  return shape.length === wanted.length
    && wanted.every((size, at) => {
      const d = shape[at];
      return d !== undefined && size >= d.min && size <= d.max;
    });
}

function words(shape: CoreMlDimension[]): string {
  return `[${shape.map((d) => d.min === d.max ? String(d.min) : `${d.min}..${d.max}`).join(', ')}]`;
}
