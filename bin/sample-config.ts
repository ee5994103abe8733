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
  /** What a model of ours is like where nothing has drifted. Undefined: a user's own model, which may bring its own. */
  readonly driftBaseline: string | undefined;
  /** Undefined: those of the model's file. */
  readonly inputShapes: InputShape[] | undefined;
  /** `OS/ARCH`, `OS/ARCH/ACCELERATOR` or the name of a target device. */
  readonly target: string;
  readonly fleetName: string;
  readonly deviceCount: number;
  /** Whether the devices report how they are, into metrics, alarms and a dashboard. */
  readonly health: boolean;
  /** Between two reports. */
  readonly reportSeconds: number;
}

/** A recogniser of printed text from an npm package, so that a person sees what was predicted. */
export const DEFAULT_MODEL = path.join(__dirname, '..', 'node_modules', '@gutenye', 'ocr-models', 'assets', 'ch_PP-OCRv4_rec_infer.onnx');
/** What its inputs and outputs are like for the pictures that `npm run local` draws: see scripts/sample-baseline.ts. */
export const DEFAULT_MODEL_BASELINE = path.join(__dirname, 'text-recogniser-baseline.json');
/** A stack holds 500 resources. The health of the fleet is 42 of them, or 44 with a drift baseline. */
const MOST_DEVICES: Readonly<Record<Delivery, { readonly withHealth: number; readonly without: number }>> = {
  direct: { withHealth: 45, without: 50 },
  'edge-manager': { withHealth: 38, without: 50 },
  greengrass: { withHealth: 34, without: 35 },
};

/** As FleetHealth takes them: 5 seconds to 1 day. */
const REPORT_SECONDS = [5, 86_400] as const;

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
  const health = readSwitch('health', text('health', 'on'));
  const { withHealth, without } = MOST_DEVICES[delivery];
  const inputShapes = text('inputShapes', model === DEFAULT_MODEL ? 'x:1,3,48,320' : '');
  return {
    delivery,
    model,
    modelName: text('modelName', 'text-recogniser'),
    modelVersion: text('modelVersion', '1.0'),
    driftBaseline: model === DEFAULT_MODEL ? DEFAULT_MODEL_BASELINE : undefined,
    inputShapes: inputShapes === '' ? undefined : readInputShapes(inputShapes),
    target: text('target', 'LINUX/X86_64'),
    fleetName: text('fleetName', 'demo-device-fleet'),
    deviceCount: readWhole('deviceCount', text('deviceCount', '2'), [1, health ? withHealth : without], '2'),
    health,
    reportSeconds: readWhole('reportSeconds', text('reportSeconds', '300'), REPORT_SECONDS, '300'),
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

function readWhole(key: string, value: string, [least, most]: readonly [number, number], example: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < least || count > most) {
    throw new Error(`context ${key} must be a whole number from ${least} to ${most}, got '${value}': give it as -c ${key}=${example}`);
  }
  return count;
}

function readSwitch(key: string, value: string): boolean {
  if (value !== 'on' && value !== 'off') {
    throw new Error(`context ${key} must be on or off, got '${value}': give it as -c ${key}=off`);
  }
  return value === 'on';
}
