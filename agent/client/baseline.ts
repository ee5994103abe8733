import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../config/reader';
import { DriftFeatures, type Features } from '../drift/features';
import { makeBaseline } from '../drift/make-baseline';
import { fromProtocol, readInputs, toProtocol, type InputOptions } from './inputs';
import type { AgentCalls } from './calls';
import type { NamedFile } from './predict-options';
import type { Answer } from './run';
import type { ManifestFileName } from '../../lib/model/private/manifest-contract';

export interface BaselineOptions {
  /** A sample a file; for a model with several inputs a folder, with a file of its name for each. */
  readonly folder: string;
  readonly inputs: InputOptions;
  readonly outputFile: string;
}

const MANIFEST: ManifestFileName = 'sagemaker_edge_manifest';

/** Predicts each sample, and writes down what these predictions are like. */
export async function baseline(name: string, { folder, inputs: options, outputFile }: BaselineOptions, calls: AgentCalls): Promise<Answer> {
  const { model } = await calls.describeModel(name);
  const modelSha256 = await digestOf(model?.url ?? '');
  const features = new DriftFeatures();
  const samples: Features[] = [];
  for (const files of await readSamples(folder)) {
    const { tensors: inputs } = await readInputs(files, model?.inputTensorMetadatas ?? [], options);
    const { tensors: outputs } = await calls.predict(name, inputs.map(toProtocol));
    samples.push(features.of(inputs, outputs.map(fromProtocol)));
  }
  const made = makeBaseline(samples, modelSha256);
  await writeFile(outputFile, `${JSON.stringify(made)}\n`);
  const constant = Object.entries(made.features).filter(([, { counts }]) => counts[1] === made.samples).map(([feature]) => feature);
  const few = made.samples < ADVISED_SAMPLES ? [`${made.samples} samples: with ${ADVISED_SAMPLES} or more, smaller drift is found`] : [];
  return {
    json: { model: name, samples: made.samples, features: Object.keys(made.features), outputFile },
    lines: [`${outputFile}: ${Object.keys(made.features).join(', ')} of ${made.samples} samples`],
    notes: [...few, ...constant.map((feature) => `${feature} is the same in all samples`)],
  };
}

/** A window of 100 predictions is then the smaller part of what the threshold is made of. */
const ADVISED_SAMPLES = 200;

async function readSamples(folder: string): Promise<NamedFile[][]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(sorted.map(async (entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      return [{ path }];
    }
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
    return names.map((name) => ({ input: parse(name).name, path: join(path, name) }));
  }));
}

/** The agent has checked that the file has this digest. */
async function digestOf(url: string): Promise<string> {
  const folder = url.startsWith('file://') ? fileURLToPath(url) : url;
  const manifest: unknown = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'));
  const files: unknown[] = isRecord(manifest) && Array.isArray(manifest.files) ? manifest.files : [];
  const modelFile = isRecord(manifest) ? manifest.model_file : undefined;
  const file = files.filter(isRecord).find(({ path }) => path === modelFile);
  if (typeof file?.sha256 !== 'string') {
    throw new Error(`${folder}: the manifest has no digest of the model`);
  }
  return file.sha256;
}
