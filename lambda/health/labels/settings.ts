import type { LabelImage, LabelSelection, LabelSettings } from '../../../lib/health/private/labels-contract';
import { asRecord, isRecord, PropertyReader } from '../../shared/properties';

/** Reads what the construct wrote. Throws with the name of what is wrong. */
export function parseLabelSettings(text: string | undefined): LabelSettings {
  const json = asRecord(JSON.parse(text ?? 'null'), 'the settings of the export of labels');
  const reader = new PropertyReader(json);
  return {
    fleetName: reader.text('fleetName'),
    modelNames: reader.textList('modelNames'),
    captureBucket: reader.text('captureBucket'),
    capturePrefix: reader.text('capturePrefix'),
    outputBucket: reader.text('outputBucket'),
    outputPrefix: reader.text('outputPrefix'),
    lateDays: reader.wholeNumber('lateDays', 1),
    maxPerRun: reader.wholeNumber('maxPerRun', 1),
    selection: selectionOf(reader.object('selection')),
    image: imageOf(json.image),
  };
}

function selectionOf(reader: PropertyReader): LabelSelection {
  return { share: reader.measure('share'), ...reader.isAbsent('reasons') ? {} : { reasons: reader.textList('reasons') } };
}

function imageOf(image: unknown): LabelImage {
  if (!isRecord(image)) {
    throw new Error('property image must be an object');
  }
  const { isPlanar, mean, std } = image;
  return {
    ...typeof isPlanar === 'boolean' ? { isPlanar } : {}, ...isNumbers(mean) ? { mean } : {}, ...isNumbers(std) ? { std } : {},
  };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}
