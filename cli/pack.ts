import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { chunksOf, writeChunks } from '../lib/private/archive/content';
import type { ArchiveFile } from '../lib/private/archive/archive-file';
import type * as OnnxPackage from './onnx-package';
import type { Named } from './onnx-package';
import { CliProblem, usageProblem } from './problem';

interface PackOptions {
  readonly output: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly input: readonly string[];
}

/** `pack`: a model package as an `OnnxModel` makes it, without an app. */
export function packCommand(): Command {
  return new Command('pack')
    .description('pack an ONNX model for devices: the model, its weights, a manifest with digests')
    .argument('<model>', 'an .onnx file, or a folder or .tar.gz with exactly one')
    .requiredOption('-o, --output <folder>', 'the folder to make; the agent loads it')
    .option('--name <name>', "the model's name: letters, digits, hyphens (default: from the file's name)")
    .option('--model-version <version>', "the model's version", '1.0')
    .option('--input <name:dimensions>', 'an input that you will send, such as x:1,3,224,224, to be checked; again for each', collect, [])
    .action(pack);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

async function pack(model: string, options: PackOptions): Promise<void> {
  if (!existsSync(model)) {
    throw usageProblem(`there is no file or folder ${resolve(model)}`);
  }
  const folder = resolve(options.output);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw usageProblem(`--output must be new or empty, got ${folder}`);
  }
  const name = options.name ?? nameOf(model);
  const inputs = options.input.map(readInput);
  const work = mkdtempSync(join(tmpdir(), 'cdk-sagemaker-edge-pack-'));
  try {
    const { packagedFiles } = await loadLibrary();
    writePackage(packagedFiles(model, { name, version: options.modelVersion, inputs, work }), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  console.log(`${folder}: ${readdirSync(folder).sort().join(', ')}`);
  console.log(`model ${name} ${options.modelVersion}; to run it on this machine: npx cdk-sagemaker-edge agent ${options.output}`);
}

/** aws-cdk-lib is a peer of this package: npm installs it, other package managers may not. */
async function loadLibrary(): Promise<typeof OnnxPackage> {
  try {
    return await import('./onnx-package.js');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw new CliProblem('pack needs aws-cdk-lib and constructs, which are not installed beside this package', ['npm install aws-cdk-lib constructs']);
    }
    throw error;
  }
}

/** Whole, or not at all. */
function writePackage(files: readonly ArchiveFile[], folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const made = mkdtempSync(`${folder}-`);
  try {
    for (const { path, content } of files) {
      const file = join(made, path);
      mkdirSync(dirname(file), { recursive: true });
      writeChunks(file, chunksOf(content));
    }
    if (existsSync(folder)) {
      rmdirSync(folder);
    }
    renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** `text_recogniser v2.onnx` is `text-recogniser-v2`. */
function nameOf(model: string): string {
  const name = basename(resolve(model)).replace(/\.(onnx|tar\.gz|tgz)$/, '').replaceAll(/[^a-zA-Z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 63);
  if (name === '') {
    throw usageProblem(`the file's name ${basename(model)} gives no name for the model`, '--name gives it one');
  }
  return name;
}

function readInput(text: string): Named {
  const match = /^(?<name>.+):(?<dimensions>\d+(?:,\d+)*)$/.exec(text)?.groups;
  if (match?.name === undefined || match.dimensions === undefined) {
    throw usageProblem(`--input must be name:d1,d2,… such as x:1,3,224,224, got '${text}'`);
  }
  return { name: match.name, shape: match.dimensions.split(',').map(Number) };
}
