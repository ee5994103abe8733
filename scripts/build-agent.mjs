// Bundles the edge agent and its client, a folder an architecture: assets/agent-linux-<arch>/ holds agent.js (the
// server and its workers), agent-cloud.js (the SDK's clients), agent-client.js and the two native files of
// onnxruntime-node. It needs no node_modules.
//
//   node scripts/build-agent.mjs [--out <folder> --arch x64|arm64]     one architecture, elsewhere (the tests do)
import { copyFile, mkdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const NATIVE_FILES = ['libonnxruntime.so.1', 'onnxruntime_binding.node'];
const runtimeFolder = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));

const { values } = parseArgs({ options: { out: { type: 'string' }, arch: { type: 'string', default: 'x64' } } });
const targets = values.out === undefined
  ? ['x64', 'arm64'].map((arch) => ({ arch, folder: `assets/agent-linux-${arch}`, link: false }))
  : [{ arch: values.arch, folder: values.out, link: true }];

/** onnxruntime-node looks for its native file by platform and architecture below its own folder: here it lies beside the bundle. */
const nativeBinding = {
  name: 'native-binding',
  setup(builder) {
    builder.onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const pattern = /require\(`\.\.\/bin\/napi-v6\/[^`]*`\)/g;
      if (source.match(pattern)?.length !== 1) { throw new Error(`${path} does not load its binding as this script expects`); }
      return { contents: source.replace(pattern, 'require("./onnxruntime_binding.node")'), loader: 'js' };
    });
    builder.onResolve({ filter: /^\.\/onnxruntime_binding\.node$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** The SDK's clients are a file of their own, see agent/cloud/sdk.ts. */
const cloudFile = {
  name: 'cloud-file',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/sdk\.js$/ }, () => ({ path: './agent-cloud.js', external: true }));
  },
};

for (const { arch, folder, link } of targets) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const shared = {
    bundle: true, platform: 'node', target: 'node20', format: 'cjs', minify: true, legalComments: 'none', metafile: true,
    mainFields: ['module', 'main'], // the SDK's ES modules tree-shake
  };
  const results = [
    await build({ ...shared, entryPoints: ['agent/main.ts'], outfile: join(folder, 'agent.js'), plugins: [nativeBinding, cloudFile] }),
    await build({ ...shared, entryPoints: ['agent/cloud/sdk.ts'], outfile: join(folder, 'agent-cloud.js') }),
    // sharp reads JPEG on a developer's machine; a device without it takes the other formats.
    await build({ ...shared, entryPoints: ['agent/client/main.ts'], outfile: join(folder, 'agent-client.js'), external: ['sharp'] }),
  ];
  for (const name of NATIVE_FILES) {
    const source = join(runtimeFolder, 'bin/napi-v6/linux', arch, name);
    await (link ? symlink(source, join(folder, name)) : copyFile(source, join(folder, name)));
    if (!link) { console.log(`${join(folder, name)} ${(await stat(source)).size} bytes`); }
  }
  for (const { metafile } of results) {
    for (const [file, output] of Object.entries(metafile.outputs)) { console.log(`${file} ${output.bytes} bytes`); }
  }
}
