import type { Construct } from 'constructs';
import { ValidationError } from '../validation';
import type { ArchiveFile } from './archive-file';

/** Node reads no larger file as a whole. */
const READ_MAX_BYTES = 2 ** 31 - 1;

/**
 * Fails where a file is too large for the cloud assembly. When aws-cdk-lib validates templates, it first reads each file of the assembly
 * as a whole (`hashFile` in core/lib/private/synthesis-validation.js of 2.263.0), and would end in a bare RangeError.
 */
export function checkFitsAssembly(scope: Construct, what: string, bytes: number): void {
  if (bytes > READ_MAX_BYTES && process.env.CDK_VALIDATION !== 'false') {
    throw new ValidationError(scope, `${what} must have at most ${READ_MAX_BYTES} bytes while aws-cdk-lib validates templates, since it reads each file of the cloud assembly as a whole, got ${bytes}: set CDK_VALIDATION=false in the environment of the synth`);
  }
}

/** How many bytes an archive of `files` has, or a little less. */
export function archiveSize(files: readonly ArchiveFile[]): number {
  return files.reduce((sum, { content }) => sum + content.size, 0);
}
