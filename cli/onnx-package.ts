import { resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { ModelInput } from '../lib/model/model-input';
import { ModelSource } from '../lib/model/model-source';
import { OnnxModel } from '../lib/model/onnx-model';
import type { ArchiveFile } from '../lib/private/archive/archive-file';
import { ValidationError } from '../lib/private/validation';
import { CliProblem } from './problem';

/** An input by its name in the model, with its shape. */
export interface Named { readonly name: string; readonly shape: number[] }

export interface ModelOptions {
  readonly name: string;
  readonly version: string;
  readonly inputs: readonly Named[];
  /** An empty folder, which must stay until the files have been read. */
  readonly work: string;
}

/** What an `OnnxModel` packs. */
export function packagedFiles(model: string, { name, version, inputs, work }: ModelOptions): ArchiveFile[] {
  process.env.CDK_VALIDATION = 'false'; // nothing is synthesized: a package of more than 2 GiB is no matter
  const stack = new Stack(new App({ outdir: work, analyticsReporting: false }), 'Pack');
  try {
    return new OnnxModel(stack, 'Model', {
      model: ModelSource.fromAsset(resolve(model)), modelName: name, modelVersion: version,
      ...inputs.length === 0 ? {} : { inputs: inputs.map((input) => ModelInput.tensor(input.name, input.shape)) },
    })._packagedFiles();
  } catch (error) {
    if (error instanceof ValidationError) {
      throw new CliProblem(inWordsOfTheCommand(error.message));
    }
    throw error;
  }
}

/** The library's message, without the construct that nobody here has made, and with options in place of props. */
function inWordsOfTheCommand(message: string): string {
  return message.replace(/^Pack(\/[^:]*)?: /, '').replace(/give inputs: \[(ModelInput\.tensor\(.*\))\]/, (_, inputs: string) => (
    `give ${inputs.replaceAll(/(?:, )?ModelInput\.tensor\('([^']*)', \[([\d, ]*)\]\)/g, (__, name: string, shape: string) => ` --input ${name}:${shape.replaceAll(' ', '')}`).trim()}`
  ));
}
