/** How a picture is made to fit a model's input. */
export enum PictureFit {
  /** Its sides are scaled, each by itself. */
  STRETCH = 'stretch',

  /** It keeps its proportions. What is left at its right is filled up. */
  PAD = 'pad',

  /** It keeps its proportions. What is left on both sides is filled up with grey. */
  LETTERBOX = 'letterbox',
}

/** How a detector's output lays out its boxes. */
export enum BoxLayout {
  /** YOLOv5: a row a box, with an objectness score before the scores of the classes. */
  V5 = 'v5',

  /** YOLOv8 and YOLO11: a column a box, without an objectness score. */
  V8 = 'v8',

  /** A model that has suppressed boxes already: corners, score and class of each. */
  END_TO_END = 'end-to-end',
}

/** Options of `PredictionDecoding.classes`. */
export interface ClassDecodingOptions {
  /**
   * The object with the names of the classes, one on each line, relative to `inputUri`.
   *
   * @default - a class is shown as its number
   */
  readonly labels?: string;

  /**
   * How many of the likeliest classes are shown: 1 to 999.
   *
   * @default 5
   */
  readonly top?: number;
}

/** Options of `PredictionDecoding.boxes`. */
export interface BoxDecodingOptions {
  /**
   * The object with the names of the classes, one on each line, relative to `inputUri`.
   *
   * @default - a class is shown as its number
   */
  readonly labels?: string;

  /**
   * How the output lays out its boxes.
   *
   * @default - found from the output's shape and the number of labels
   */
  readonly layout?: BoxLayout;

  /**
   * The lowest score of a box that is shown: 0 to 1.
   *
   * @default 0.25
   */
  readonly score?: number;

  /**
   * The most boxes that are shown, the best first: 1 to 999.
   *
   * @default 100
   */
  readonly top?: number;
}

/** How the outputs of a prediction are shown. */
export class PredictionDecoding {
  /** The likeliest classes of a classifier. */
  public static classes(options: ClassDecodingOptions = {}): PredictionDecoding {
    return new PredictionDecoding('classes', options);
  }

  /** What a YOLO model found, in the picture's pixels. The picture is letterboxed, unless `fit` says otherwise. */
  public static boxes(options: BoxDecodingOptions = {}): PredictionDecoding {
    return new PredictionDecoding('boxes', options);
  }

  /**
   * The text that a recogniser of PaddleOCR's kind reads. Mean, deviation, fit and shape are the ones that such recognisers are trained
   * with, unless the options say otherwise.
   *
   * @param keys the object with the characters, one on each line, relative to `inputUri`
   */
  public static text(keys: string): PredictionDecoding {
    return new PredictionDecoding('ctc', { labels: keys });
  }

  /** @internal */
  public readonly _kind: 'classes' | 'boxes' | 'ctc';

  /** @internal */
  public readonly _options: BoxDecodingOptions;

  private constructor(kind: 'classes' | 'boxes' | 'ctc', options: BoxDecodingOptions) {
    this._kind = kind;
    this._options = options;
  }
}

/** Options of a prediction on the device. */
export interface PredictionOptions {
  /** The name of a model that the device serves. */
  readonly modelName: string;

  /** The object to predict on, relative to `inputUri`: 1 to 128 letters, digits and `_ . -`, the first a letter or digit. */
  readonly input: string;

  /**
   * The name of the model's input: 1 to 128 letters, digits and `_ . : / -`, the first a letter, digit or `_`.
   *
   * @default - the first input of the model
   */
  readonly tensor?: string;

  /**
   * The dimensions of the input.
   *
   * @default - the dimensions in the model, which must be fixed, or the ones that `decoding` knows
   */
  readonly shape?: number[];

  /**
   * What is taken from a picture's values, after they were divided by 255: one number, or one for each channel.
   *
   * @default - 0, or what `decoding` knows
   */
  readonly mean?: number[];

  /**
   * What a picture's values are divided by, after `mean` was taken from them: one number, or one for each channel. None is 0.
   *
   * @default - 1, or what `decoding` knows
   */
  readonly std?: number[];

  /**
   * How a picture is made to fit the input.
   *
   * @default - PictureFit.STRETCH, or what `decoding` knows
   */
  readonly fit?: PictureFit;

  /**
   * How the outputs are shown.
   *
   * @default - as numbers
   */
  readonly decoding?: PredictionDecoding;
}
