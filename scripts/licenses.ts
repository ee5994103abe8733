// The licence texts of all that is bundled. Whoever passes a bundle on must pass them on, too: the package has them in
// assets/THIRD-PARTY-LICENSES.txt, and each release of the agent its own. A package without a text, or under a licence that
// is not allowed, fails the build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import satisfies from 'spdx-satisfies';

export const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt';

/** Licences that ask for no more than their text and the notices, by their SPDX identifiers. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense', 'Zlib'];

const LICENSE_NAME = /^(licen[cs]e|copying)([.-].*)?$/i;
const NOTICE_NAME = /^notice([.-].*)?$/i;
const KEPT = 'scripts/licenses'; // texts that come with no npm package

interface Manifest { readonly name?: string; readonly version?: string; readonly license?: unknown }

/** One package of a bundle, with the texts to pass on. */
export interface Licensed {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  readonly texts: readonly string[];
}

/** Where the text of a package lies that has none in its own folder. */
interface Elsewhere { readonly name: RegExp; readonly texts: (folder: string) => readonly string[] }

const ELSEWHERE: readonly Elsewhere[] = [
  { name: /^@aws-sdk\//, texts: () => [read('node_modules/@aws-sdk/client-s3/LICENSE')] }, // of one repository
  {
    name: /^@bufbuild\/protobuf$/, // its own code under Apache-2.0, parts of Google's under BSD-3-Clause: its files say which
    texts: (folder) => [
      ...['binary-encoding.js', 'varint.js'].map((file) => leadingComment(read(join(folder, 'dist/esm/wire', file)))),
      read('LICENSE'),
    ],
  },
  { name: /^onnxruntime-(common|node)$/, texts: () => [read(join(KEPT, 'onnxruntime-LICENSE.txt'))] },
];

/** The folder of the package that a bundled file comes from; undefined for a file of this repository. */
export function packageFolder(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/'))?.[1];
}

/** The packages in `folders`, sorted, each name and version once. Throws with all that is wrong with any of them. */
export function licensesOf(folders: Iterable<string>): Licensed[] {
  const licensed = new Map<string, Licensed>();
  const problems: string[] = [];
  for (const folder of [...folders].sort()) {
    const one = licenseOf(folder);
    problems.push(...problemsOf(one, folder));
    licensed.set(`${one.name} ${one.version}`, one);
  }
  if (problems.length > 0) {
    throw new Error(`these packages must not be bundled as they are:\n${problems.join('\n')}`);
  }
  return [...licensed].sort(([a], [b]) => a < b ? -1 : 1).map(([, one]) => one);
}

/** What the native library of ONNX Runtime contains: its makers' list, which the npm package leaves out. */
export function runtimeNotices(): Licensed {
  const { version } = manifestOf('node_modules/onnxruntime-node');
  const texts = [read(join(KEPT, 'onnxruntime-LICENSE.txt')), read(join(KEPT, 'onnxruntime-ThirdPartyNotices.txt'))];
  return { name: 'ONNX Runtime, native library', version: version ?? '', license: 'MIT', texts };
}

/** One page: each different text once, after the packages that it is for. */
export function licensesPage(licensed: readonly Licensed[]): string {
  const packages = new Map<string, string[]>();
  for (const { name, version, license, texts } of licensed) {
    for (const text of texts.map(tidy)) {
      packages.set(text, [...packages.get(text) ?? [], `${name} ${version} (${license})`]);
    }
  }
  const parts = [...packages].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  const head = 'Parts of the files beside this one come from other projects, each under its own licence:\n';
  return [head, ...parts].join(`\n${'-'.repeat(100)}\n\n`);
}

function licenseOf(folder: string): Licensed {
  const { name = relative('.', folder), version = '', license } = manifestOf(folder);
  return { name, version, license: typeof license === 'string' ? license : '', texts: textsOf(name, folder) };
}

function textsOf(name: string, folder: string): readonly string[] {
  const files = readdirSync(folder).sort();
  const own = files.filter((file) => LICENSE_NAME.test(file));
  const texts = own.length > 0
    ? own.map((file) => read(join(folder, file)))
    : ELSEWHERE.find((candidate) => candidate.name.test(name))?.texts(folder) ?? [];
  const notices = files.filter((file) => NOTICE_NAME.test(file)).map((file) => read(join(folder, file)));
  return texts.some((text) => text.trim() !== '') ? [...texts, ...notices] : []; // a notice alone is no licence
}

function problemsOf({ name, version, license, texts }: Licensed, folder: string): string[] {
  const problems: string[] = [];
  if (!isAllowed(license)) {
    problems.push(`${name} ${version} (${folder}) has the licence '${license}', which is none of ${ALLOWED.join(', ')}`);
  }
  if (texts.length === 0) {
    problems.push(`${name} ${version} (${folder}) has no licence text: name in scripts/licenses.ts where it lies`);
  }
  return problems;
}

function isAllowed(license: string): boolean {
  try {
    return satisfies(license, ALLOWED);
  } catch {
    return false; // no SPDX expression
  }
}

function manifestOf(folder: string): Manifest {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(read(file)) as Manifest : {};
}

function leadingComment(source: string): string {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, '')).join('\n');
}

function tidy(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[ \t]+$/gm, '').replace(/^\n+|\n+$/g, '');
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
