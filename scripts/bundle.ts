// How everything that the package ships is bundled.
import { build, type BuildOptions } from 'esbuild';

export const SHIPPED = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  mainFields: ['module', 'main'], // the SDK's ES modules tree-shake to a third of its CommonJS
} satisfies BuildOptions;

/** Bundles, and prints the size of each file made. The sizes, by file. */
export async function bundle(options: BuildOptions): Promise<Map<string, number>> {
  const { metafile } = await build({ ...SHIPPED, ...options, metafile: true });
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
