import type { Files } from '../archive';

/** A container that does not come up, for a reason of its model's: the line that it would write to its log. */
export class ContainerProblem extends Error {}

/** The model that a container serves. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  readonly onnx: Buffer;
}

/** Of AWS's Triton image, which chooses among several models by it. */
const DEFAULT_MODEL = 'SAGEMAKER_TRITON_DEFAULT_MODEL_NAME';
const BACKENDS = ['onnxruntime', 'onnxruntime_onnx'];

/**
 * Finds the model in an unpacked `model.tar.gz`. Triton's image wants a model repository
 * (`<name>/config.pbtxt`, `<name>/<version>/model.onnx`), see
 * https://github.com/triton-inference-server/server/blob/main/docs/user_guide/model_repository.md. For another image,
 * whose program the stand-in cannot run, one ONNX file at the root of the archive does as well.
 */
export function servedModel(files: Files, image: string, environment: Readonly<Record<string, string>>): ServedModel {
  const found = [...files].flatMap(([file, onnx]) => {
    const [, name, version] = /^([^/]+)\/(\d+)\/model\.onnx$/.exec(file) ?? [];
    return name === undefined || version === undefined ? [] : [{ name, version, onnx }];
  });
  const [first] = found;
  if (!first) {
    return bareModel(files, image);
  }
  const names = [...new Set(found.map(({ name }) => name))].sort();
  const { [DEFAULT_MODEL]: wanted = names.length === 1 ? first.name : undefined } = environment;
  if (wanted === undefined) {
    throw new ContainerProblem(`ERROR: More than one model directory found: ${names.join(', ')}. ${DEFAULT_MODEL} must be set`);
  }
  checkConfiguration(wanted, files.get(`${wanted}/config.pbtxt`)?.toString('utf8'));
  const versions = found.filter(({ name }) => name === wanted);
  const [latest] = versions.sort((a, b) => Number(b.version) - Number(a.version)); // Triton's default policy
  if (!latest) {
    throw new ContainerProblem(`ERROR: Directory with name ${wanted} not found in the model repository, which has ${names.join(', ')}`);
  }
  return latest;
}

function bareModel(files: Files, image: string): ServedModel {
  if (image.includes('tritonserver')) {
    throw new ContainerProblem('ERROR: No model directory with a version and a model.onnx found in the model repository: <name>/<version>/model.onnx');
  }
  const [model, ...more] = [...files].filter(([file]) => /^[^/]+\.onnx$/.test(file));
  if (!model || more.length > 0) {
    throw new ContainerProblem(`the local stand-in serves one ONNX model, this archive has ${model ? more.length + 1 : 'none'}`);
  }
  return { name: model[0].replace(/\.onnx$/, ''), version: '1', onnx: model[1] };
}

/** Without a configuration Triton makes one of the ONNX file. */
function checkConfiguration(directory: string, text: string | undefined): void {
  if (text === undefined) {
    return;
  }
  const name = setting(text, 'name');
  if (name !== undefined && name !== directory) {
    throw new ContainerProblem(`failed to load '${directory}': unexpected directory name '${directory}' for model '${name}', directory name must equal model name`);
  }
  const backend = setting(text, 'backend') ?? setting(text, 'platform');
  if (backend !== undefined && !BACKENDS.includes(backend)) {
    throw new ContainerProblem(`failed to load '${directory}': the local stand-in has the backend onnxruntime alone, config.pbtxt asks for '${backend}'`);
  }
}

/** A string of the outermost message. */
function setting(text: string, name: string): string | undefined {
  return new RegExp(String.raw`^\s*${name}\s*:\s*["']([^"']*)["']`, 'm').exec(text)?.[1];
}
