/**
 * What the files of a model may have. Synth, the handler that packages a model of a bucket, and the unpacker of a device share these
 * limits: what one of them lets pass, the next one takes. This file must not import aws-cdk-lib.
 */
const MIB = 1024 ** 2;

/** The disk of the function that packages, in MiB: Lambda's largest. */
export const DISK_MIB = 10_240;
/** What the file system of that disk keeps for itself, and the manifest. */
const DISK_OVERHEAD_MIB = 240;

/** All files of a model together, in bytes: 10,000 MiB. */
export const MODEL_MAX_BYTES = (DISK_MIB - DISK_OVERHEAD_MIB) * MIB;
export const MODEL_MAX_FILES = 10_000;

/** The .onnx file itself. It is a protobuf message, which has no more: https://protobuf.dev/programming-guides/proto-limits/ */
export const ONNX_MAX_BYTES = 2 * 1024 ** 3 - 1;

/** A manifest, in bytes. One of `MODEL_MAX_FILES` files with long paths has less. */
export const MANIFEST_MAX_BYTES = 4 * MIB;

/** Bytes as a user reads them. */
function inMib(bytes: number): string {
  return bytes >= MIB ? `${Math.floor(bytes / MIB)} MiB` : `${bytes} bytes`;
}

/** What to say of files that are too large together. */
export function tooLargeProblem(what: string, got: string, maxBytes = MODEL_MAX_BYTES): string {
  return `the files of ${what} must have at most ${inMib(maxBytes)} together, which is what a device unpacks, got ${got}: use a smaller model, for example one with weights of float16 or int8`;
}

/** What to say of files that are too many. */
export function tooManyProblem(what: string, got: string): string {
  return `${what} must have at most ${MODEL_MAX_FILES} files, got ${got}`;
}
