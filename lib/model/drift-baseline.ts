import { readFileSync } from 'node:fs';
import { ValidationError } from '../private/validation';
import { parseBaseline, type Baseline } from './private/drift-baseline';

/**
 * What the inputs and outputs of a model were like for its training data. A device compares with it what comes in the field.
 *
 * Make it with the agent itself: `node agent-client.js -a <socket> Baseline <model> <folder of samples> --output baseline.json`.
 */
export class DriftBaseline {
  /**
   * A baseline on the local disk.
   *
   * Fails where the file cannot be read, or is no baseline.
   *
   * @param path the file, relative to the working directory
   */
  public static fromFile(path: string): DriftBaseline {
    const text = readFileSync(path, 'utf8');
    const parsed = parseBaseline(text);
    if ('problem' in parsed) {
      throw new ValidationError(undefined, `${path}: ${parsed.problem}`);
    }
    return new DriftBaseline(path, text, parsed);
  }

  private constructor(
    /** The file. */
    public readonly path: string,
    /** @internal */
    public readonly _text: string,
    /** @internal */
    public readonly _baseline: Baseline,
  ) {}
}
