import * as fs from 'node:fs';
import * as path from 'node:path';
import type { App } from 'aws-cdk-lib';

/** The ways from a model to a device that the sample can deploy. */
export const DELIVERIES = ['direct', 'edge-manager', 'greengrass'] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** An input of the model and its fixed shape. */
export interface InputShape {
  readonly name: string;
  readonly shape: number[];
}

/** What the sample stack is built from: the CDK context, checked. */
export interface SampleConfig {
  readonly delivery: Delivery;
  /** A model file, a folder or a tar.gz. */
  readonly model: string;
  readonly modelName: string;
  readonly modelVersion: string;
  /** Undefined: those of the model's file. */
  readonly inputShapes: InputShape[] | undefined;
  /** `OS/ARCH`, `OS/ARCH/ACCELERATOR` or the name of a target device. */
  readonly target: string;
  readonly fleetName: string;
  readonly deviceCount: number;
}

/** A recogniser of printed text from an npm package, so that a person sees what was predicted. */
const DEFAULT_MODEL = path.join(__dirname, '..', 'node_modules', '@gutenye', 'ocr-models', 'assets', 'ch_PP-OCRv4_rec_infer.onnx');
/** A stack holds 500 resources. */
const MOST_DEVICES: Readonly<Record<Delivery, number>> = { direct: 50, 'edge-manager': 50, greengrass: 35 };

/** Reads the context of `app`. Throws with what to give where a value is not one. */
export function readSampleConfig(app: App): SampleConfig {
  const text = (key: string, fallback: string): string => {
    const value: unknown = app.node.tryGetContext(key) ?? fallback;
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new Error(`context ${key} must be text, got ${JSON.stringify(value)}: give it as -c ${key}=${fallback}`);
    }
    return String(value).trim();
  };
  const model = text('model', DEFAULT_MODEL);
  if (!fs.existsSync(model)) {
    throw new Error(`context model names no file or folder: got '${model}'; give -c model=path/to/model.onnx (or a folder, or a tar.gz)`);
  }
  const delivery = readDelivery(text('delivery', 'direct'));
  const inputShapes = text('inputShapes', model === DEFAULT_MODEL ? 'x:1,3,48,320' : '');
  return {
    delivery,
    model,
    modelName: text('modelName', 'text-recogniser'),
    modelVersion: text('modelVersion', '1.0'),
    inputShapes: inputShapes === '' ? undefined : readInputShapes(inputShapes),
    target: text('target', 'LINUX/X86_64'),
    fleetName: text('fleetName', 'demo-device-fleet'),
    deviceCount: readDeviceCount(text('deviceCount', '2'), MOST_DEVICES[delivery]),
  };
}

function readDelivery(value: string): Delivery {
  const delivery = DELIVERIES.find((candidate) => candidate === value);
  if (delivery === undefined) {
    throw new Error(`context delivery must be one of ${DELIVERIES.join(', ')}, got '${value}': give it as -c delivery=direct`);
  }
  return delivery;
}

/** `x:1,3,48,320`, several separated by blanks. */
function readInputShapes(value: string): InputShape[] {
  return value.split(/\s+/).map((part) => {
    const match = /^(?<name>[^:]+(?::\d+)?):(?<dimensions>\d+(?:,\d+)*)$/.exec(part);
    const shape = match?.groups?.dimensions?.split(',').map(Number) ?? [];
    if (match?.groups?.name === undefined || shape.some((dimension) => dimension < 1)) {
      const wanted = 'name:d1,d2,… with positive whole numbers (several separated by blanks)';
      throw new Error(`context inputShapes must be ${wanted}, got '${value}': give it as -c inputShapes=x:1,3,48,320`);
    }
    return { name: match.groups.name, shape };
  });
}

function readDeviceCount(value: string, most: number): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new Error(`context deviceCount must be a whole number from 1 to ${most}, got '${value}': give it as -c deviceCount=2`);
  }
  return count;
}
