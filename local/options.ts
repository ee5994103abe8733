import { parseArgs } from 'node:util';
import { LocalProblem } from './cloud/problem';
import { errorText } from './service/errors';

export const DEFAULT_DELIVERY = 'edge-manager';
export const USAGE = [
  'npm run local [-- --once] [-- --delivery edge-manager|direct|greengrass]   starts the local cloud and deploys the sample into it',
  '    --once       then destroys it, checks that nothing is left, stops everything and exits',
  '    --sample     edge (default); load-test: examples/load-test, an endpoint whose capacity is found; or',
  '                 experiments: examples/dvc-experiments, versioned data, tracked trials, and the winner on a device',
  '    --delivery   the sample\'s way from model to device; default edge-manager',
  '    --model      an .onnx file, a folder or a tar.gz of your own; with it:',
  '    --input-shapes x:1,3,48,320    its inputs, several separated by blanks',
  '    --picture    what the device gets: an image, .npy, or raw bytes; without it there is no prediction',
  '    -c key=value more context for the sample app, see bin/sample-config.ts',
  '    --prebuilt   takes assets/ as they are, without bundling handlers and agent',
  '    --folder     where it keeps its files; default .local; with another one, a second cloud can run beside the first',
  'npm run local:down                                              stops it',
];

/** What the user has typed. */
export type Options = ReturnType<typeof readOptions>['values'];

export function readOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'help': { type: 'boolean', short: 'h', default: false },
        'once': { type: 'boolean', default: false },
        'prebuilt': { type: 'boolean', default: false },
        'sample': { type: 'string', default: 'edge' },
        'delivery': { type: 'string', default: DEFAULT_DELIVERY },
        'model': { type: 'string' },
        'input-shapes': { type: 'string' },
        'picture': { type: 'string' },
        'context': { type: 'string', short: 'c', multiple: true, default: [] },
        'folder': { type: 'string' },
      },
    });
  } catch (error) {
    throw new LocalProblem(errorText(error), USAGE);
  }
}
