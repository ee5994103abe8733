/** One file that an archive must hold at its root. */
interface WantedFile {
  /** Ends of its name: one of them. */
  readonly ends: readonly string[];
}

/** What the archive of a framework must hold. */
interface ArchiveRule {
  readonly files: readonly WantedFile[];
  /** Folders at the root that belong to the model. */
  readonly folders: readonly string[];
}

const rule = (...files: string[][]): ArchiveRule => ({ files: files.map((ends) => ({ ends })), folders: [] });

/** What TensorFlow writes beside a SavedModel's graph. Neo asks for one .pb file, so they stay out of its archive. */
const TENSORFLOW_SIDECARS: ReadonlySet<string> = new Set(['keras_metadata.pb', 'fingerprint.pb']);

/** SKLEARN is in the API and in no documentation: nothing is known of its archive. */
const RULES: ReadonlyMap<string, ArchiveRule> = new Map<string, ArchiveRule>([
  ['ONNX', rule(['.onnx'])],
  ['KERAS', rule(['.h5'])],
  ['TFLITE', rule(['.tflite'])],
  ['XGBOOST', rule(['.model', 'xgboost-model'])],
  ['PYTORCH', rule(['.pth', '.pt'])],
  ['DARKNET', rule(['.cfg'], ['.weights'])],
  ['MXNET', rule(['-symbol.json'], ['.params'])],
  ['TENSORFLOW', { ...rule(['.pb', '.pbtxt']), folders: ['variables'] }],
]);

/** What else a target wants beside the model. */
export interface ExtraFiles {
  /** Name of a file at the root that must be there. */
  readonly file?: string;
  /** Ambarella: a `*config.json` and at least one folder; which one is calibration data, only the configuration says. */
  readonly configAndFolder?: boolean;
}

/** A file of the archive: its name is enough. */
interface NamedFile {
  readonly path: string;
}

type Picked<F> = { readonly picked: F[] } | { readonly problem: string };

/**
 * The files that belong into the archive, or what is wrong with those given.
 * Others are left out: a changed README is no reason to compile again.
 */
export function pickArchiveFiles<F extends NamedFile>(framework: string, files: readonly F[], extra: ExtraFiles = {}): Picked<F> {
  const { files: wantedFiles, folders } = RULES.get(framework) ?? rule();
  const belongs = new Set<string>();
  for (const { ends } of wantedFiles) {
    const found = files.filter(({ path }) => ends.some((end) => path.endsWith(end)));
    const atRoot = found.filter(({ path }) => !path.includes('/'));
    const what = `${framework} archive must hold exactly one ${ends.join(' or ')} file at its root`;
    if (atRoot.length !== 1) {
      return { problem: `${what}, got ${listed(atRoot.length > 0 ? atRoot : found) ?? `none among ${listed(files) ?? 'no files'}`}` };
    }
    atRoot.forEach(({ path }) => belongs.add(path));
  }
  const misplaced = files.find(({ path }) => folders.some((folder) => path.indexOf(`/${folder}/`) > 0));
  if (misplaced) {
    return { problem: `${framework} archive must hold the folder ${folders.join(', ')} at its root, got ${misplaced.path}` };
  }
  if (extra.file !== undefined) {
    if (!files.some(({ path }) => path === extra.file)) {
      return { problem: `archive must hold the file ${extra.file} that the compiler options name, got ${listed(files) ?? 'no files'}` };
    }
    belongs.add(extra.file);
  }
  if (extra.configAndFolder) {
    const complete = files.some(({ path }) => /^[^/]*config\.json$/.test(path)) && files.some(({ path }) => path.includes('/'));
    if (complete) {
      return { picked: [...files] };
    }
    const wanted = 'a *config.json at its root and a folder of calibration data';
    return { problem: `archive for an Ambarella device must also hold ${wanted}, got ${listed(files) ?? 'no files'}` };
  }
  const known = RULES.has(framework);
  if (files.length === 0) {
    return { problem: `${framework} archive must hold a model, got no files` };
  }
  return { picked: files.filter(({ path }) => !known || belongs.has(path) || folders.some((folder) => path.startsWith(`${folder}/`))) };
}

/** Without what a training leaves beside the model and the compiler does not read: for files that are packed here. */
export function withoutSidecars<T extends NamedFile>(framework: string, files: readonly T[]): T[] {
  return files.filter(({ path }) => framework !== 'TENSORFLOW' || !TENSORFLOW_SIDECARS.has(path));
}

/** At most five paths, for a message. */
export function listed(files: readonly NamedFile[]): string | undefined {
  if (files.length === 0) {
    return undefined;
  }
  const more = files.length > 5 ? ` and ${files.length - 5} more` : '';
  return files.map(({ path }) => path).sort().slice(0, 5).join(', ') + more;
}
