// Bundles the edge agent and its client: agent.js (the server and its workers), agent-cloud.js (the SDK's clients),
// agent-client.js, and unpack.js. With the two native files of onnxruntime-node they are a release, a zip an
// architecture: assets/agent/agent-linux-<arch>.zip, with their SHA-256 in assets/agent/digests.json, so that a synth
// hashes none of it. The runtime's library is packed in there (agent/release): the device unpacks it.
//
//   node scripts/build-agent.mjs [--out <folder> --arch x64|arm64]     one architecture, unpacked, elsewhere (the tests do)
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const LIBRARY = 'libonnxruntime.so.1';
const BINDING = 'onnxruntime_binding.node';
const CACHE = 'node_modules/.cache/cdk-sagemaker-edge';
const runtimeFolder = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const native = (arch, name) => join(runtimeFolder, 'bin/napi-v6/linux', arch, name);

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

/** The names of the bundles. */
async function bundle(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const shared = {
    bundle: true, platform: 'node', target: 'node20', format: 'cjs', minify: true, legalComments: 'none', metafile: true,
    mainFields: ['module', 'main'], // the SDK's ES modules tree-shake
  };
  const bundles = {
    'agent.js': { entryPoints: ['agent/main.ts'], plugins: [nativeBinding, cloudFile] },
    'agent-cloud.js': { entryPoints: ['agent/cloud/sdk.ts'] },
    'agent-client.js': { entryPoints: ['agent/client/main.ts'] },
    'unpack.js': { entryPoints: ['agent/release/main.ts'] },
  };
  await Promise.all(Object.entries(bundles).map(async ([name, options]) => {
    const { metafile } = await build({ ...shared, ...options, outfile: join(folder, name) });
    for (const [file, output] of Object.entries(metafile.outputs)) { console.log(`${file} ${output.bytes} bytes`); }
  }));
  return Object.keys(bundles);
}

/** What this script needs of the sources. */
async function packer() {
  const contents = "export { writeZip } from './lib/private/archive/zip'; export { pack, packedRelease } from './agent/release/packed';";
  const { outputFiles: [{ text }] } = await build({ stdin: { contents, resolveDir: '.' }, bundle: true, platform: 'node', format: 'esm', write: false });
  return { ...await import(`data:text/javascript,${encodeURIComponent(text)}`), key: sha256(text) };
}

/** The library, packed: seconds of work, so it is done once for each content and way of packing. */
async function packedLibrary(arch, { pack, key }) {
  const content = await readFile(native(arch, LIBRARY));
  const digest = sha256(content);
  const cached = join(CACHE, sha256(`${key} ${process.versions.brotli} ${digest}`));
  const packed = await readFile(cached).catch(async () => {
    const made = await pack(content, arch);
    await mkdir(CACHE, { recursive: true });
    await writeFile(`${cached}.${process.pid}`, made);
    await rename(`${cached}.${process.pid}`, cached);
    return made;
  });
  return { file: LIBRARY, machine: arch, sha256: digest, content: packed };
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

const { values } = parseArgs({ options: { out: { type: 'string' }, arch: { type: 'string', default: 'x64' } } });
if (values.out === undefined) {
  const folder = 'assets/agent';
  const names = await bundle(folder);
  const tools = await packer();
  const digests = {};
  await Promise.all(['x64', 'arm64'].map(async (arch) => {
    const library = await packedLibrary(arch, tools);
    const plain = { [BINDING]: await readFile(native(arch, BINDING)) };
    for (const name of names) { plain[name] = await readFile(join(folder, name)); }
    const zip = tools.writeZip(tools.packedRelease(plain, [library]));
    const file = `agent-linux-${arch}.zip`;
    digests[file] = sha256(zip);
    await writeFile(join(folder, file), zip);
    console.log(`${join(folder, file)} ${zip.length} bytes`);
  }));
  await writeFile(join(folder, 'digests.json'), `${JSON.stringify(digests, Object.keys(digests).sort(), 2)}\n`);
} else {
  await bundle(values.out);
  for (const name of [LIBRARY, BINDING]) { await symlink(native(values.arch, name), join(values.out, name)); }
}
