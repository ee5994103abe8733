// How everything that the package ships is bundled.
import { readFile } from 'node:fs/promises';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { packageFolder } from './licenses';

export const SHIPPED = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  mainFields: ['module', 'main'], // the SDK's ES modules tree-shake to a third of its CommonJS
} satisfies BuildOptions;

const INLINED = /[\\/](uPlot\.iife\.min\.js|uPlot\.min\.css|(report|local)[\\/]page[\\/](draw\.js|page\.css))$/;

/** What the pages of a load test's report and of a local cloud have inlined: a browser runs it, so it comes into the bundle as text. */
const inlinedInPage: Plugin = {
  name: 'inlined-in-page',
  setup(builder) {
    builder.onLoad({ filter: INLINED }, async ({ path }) => ({ contents: await readFile(path, 'utf8'), loader: 'text' }));
  },
};

/** The folders of the packages that each bundle contains, by the bundle's path: who makes a bundle cannot forget its licences. */
const contained = new Map<string, ReadonlySet<string>>();

/** The folders of the packages in the bundles made by now, or in those of `files`. */
export function bundledPackages(files: Iterable<string> = contained.keys()): Set<string> {
  const folders = new Set<string>();
  for (const file of files) {
    const packages = contained.get(file);
    if (packages === undefined) {
      throw new Error(`${file} has not been bundled`);
    }
    packages.forEach((folder) => folders.add(folder));
  }
  return folders;
}

/** Bundles, and prints the size of each file made. The sizes, by file. */
export async function bundle(options: BuildOptions): Promise<Map<string, number>> {
  const plugins = [inlinedInPage, ...options.plugins ?? []];
  const { metafile } = await build({ ...SHIPPED, ...options, plugins, metafile: true });
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    contained.set(file, new Set(used.map(([input]) => packageFolder(input)).filter((folder) => folder !== undefined)));
  }
  const sizes = new Map(Object.entries(metafile.outputs).map(([file, { bytes }]) => [file, bytes]));
  for (const [file, bytes] of sizes) {
    console.log(`${file} ${bytes} bytes`);
  }
  return sizes;
}

/** Runs a script's main function. What it throws is the script's end, with exit code 1. */
export function runScript(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
