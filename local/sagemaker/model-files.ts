import type { Files } from './archive';
import { JobFailure } from './job';
import type { InputConfig } from './types';

/** Which files Neo wants at the root of a model archive, and what it says otherwise. */
interface FileRule {
  readonly pattern: RegExp;
  readonly none: string;
  readonly many: string;
}

const CHECK_FRAMEWORK = 'Please make sure the framework you select is correct.';
const one = (extension: string, framework: string): FileRule => ({
  pattern: new RegExp(`^[^/]*\\.${extension}$`),
  none: `No ${extension} file found for ${framework} model. ${CHECK_FRAMEWORK}`,
  many: `Multiple ${extension} files found for ${framework} model. Exactly one is allowed.`,
});

const RULES: Readonly<Record<InputConfig['Framework'], readonly FileRule[]>> = {
  ONNX: [one('onnx', 'ONNX')],
  TENSORFLOW: [{
    pattern: /\.(pb|pbtxt)$/, none: 'Exactly one .pb file is allowed for TensorFlow models, found none.', many: 'Exactly one .pb file is allowed for TensorFlow models.',
  }],
  KERAS: [{ pattern: /^[^/]*\.h5$/, none: 'No h5 file provided', many: 'Multiple h5 files provided' }],
  MXNET: [
    { pattern: /^[^/]*-symbol\.json$/, none: 'No valid Mxnet model file -symbol.json found', many: 'Only one -symbol.json file is allowed for MXNet' },
    { pattern: /^[^/]*\.params$/, none: 'No parameter file found for MXNet', many: 'Only one parameter file is allowed for MXNet' },
  ],
  PYTORCH: [one('pth', 'PyTorch')],
  TFLITE: [one('tflite', 'TFLite')],
  XGBOOST: [one('model', 'XGBoost')],
  DARKNET: [one('cfg', 'Darknet'), one('weights', 'Darknet')],
  SKLEARN: [],
};

/** The files that the framework's rules name, in the rules' order; anything else in the archive is ignored, as Neo does. */
export function modelFiles(files: Files, framework: InputConfig['Framework']): readonly Buffer[] {
  return RULES[framework].map(({ pattern, none, many }) => {
    const [found, ...more] = [...files].filter(([name]) => pattern.test(name));
    if (!found) { throw new JobFailure(`ClientError: InputConfiguration: ${none}`); }
    if (more.length > 0) { throw new JobFailure(`ClientError: InputConfiguration: ${many}`); }
    return found[1];
  });
}
