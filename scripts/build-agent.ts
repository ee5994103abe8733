// Bundles the edge agent and its client: agent.js (the server and its workers), agent-cloud.js (the SDK's clients),
// agent-client.js, unpack.js, and update-state.js, which tells a Greengrass nucleus. With the two native files of
// onnxruntime-node they are a release, a zip an architecture: assets/agent/agent-linux-<arch>.zip, with their SHA-256 in
// assets/agent/digests.json, so that a synth hashes none of it. The runtime's library is packed in there (agent/release):
// the device unpacks it. A release has the licence texts of what it contains.
//
//   tsx scripts/build-agent.ts --out <folder> --arch x64|arm64     one architecture, unpacked, elsewhere (the tests do)
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import type { Machine } from '../agent/release/branches';
import { pack, packedRelease } from '../agent/release/packed';
import { writeZip } from '../lib/private/archive/zip';
import { bundle, bundledPackages, runScript } from './bundle';
import { LICENSES_FILE, licensesOf, licensesPage, runtimeNotices } from './licenses';

const FOLDER = 'assets/agent';
const MACHINES: readonly Machine[] = ['x64', 'arm64'];
const LIBRARY = 'libonnxruntime.so.1';
const BINDING = 'onnxruntime_binding.node';
/** Seconds for each library. The best quality takes twelve minutes, and saves 3.8 MB: it is for a release (docs/decisions.md). */
const QUALITY = process.env.PACKING === 'release' ? 11 : 5;
const CACHE = 'node_modules/.cache/cdk-sagemaker-edge';
const RUNTIME = dirname(require.resolve('onnxruntime-node/package.json'));
const BESIDE = './onnxruntime_binding.node';

/**
 * onnxruntime-node looks for its native file by platform and architecture below its own folder: here it is where `file` says,
 * an expression.
 */
export const nativeBinding = (file: string): Plugin => ({
  name: 'native-binding',
  setup(builder) {
    builder.onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const pattern = /require\(`\.\.\/bin\/napi-v6\/[^`]*`\)/g;
      if (source.match(pattern)?.length !== 1) {
        throw new Error(`${path} does not load its binding as this script expects`);
      }
      return { contents: source.replace(pattern, `require(${file})`), loader: 'js' };
    });
    builder.onResolve({ filter: /^\.\/onnxruntime_binding\.node$/ }, ({ path }) => ({ path, external: true }));
  },
});

/** The SDK's clients are a file of their own, see agent/cloud/sdk.ts. */
const cloudFile: Plugin = {
  name: 'cloud-file',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/sdk\.js$/ }, () => ({ path: './agent-cloud.js', external: true }));
  },
};

const BUNDLES: Readonly<Record<string, BuildOptions>> = {
  'agent.js': { entryPoints: ['agent/main.ts'], plugins: [nativeBinding(JSON.stringify(BESIDE)), cloudFile] },
  'agent-cloud.js': { entryPoints: ['agent/cloud/sdk.ts'] },
  'agent-client.js': { entryPoints: ['agent/client/main.ts'] },
  'unpack.js': { entryPoints: ['agent/release/main.ts'] },
  'update-state.js': { entryPoints: ['agent/greengrass/main.ts'] },
};

async function bundleAgent(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const bundles = Object.entries(BUNDLES);
  await Promise.all(bundles.map(([name, options]) => bundle({ ...options, format: 'cjs', outfile: join(folder, name) })));
}

function native(machine: Machine, file: string): string {
  return join(RUNTIME, 'bin/napi-v6/linux', machine, file);
}

/** What changes with the way of packing: the code that packs. */
async function packerDigest(): Promise<string> {
  const contents = "export { pack } from './agent/release/packed';";
  const { outputFiles } = await build({ stdin: { contents, resolveDir: '.' }, bundle: true, platform: 'node', format: 'esm', write: false });
  return sha256(outputFiles.map(({ text }) => text).join(''));
}

/** The library, packed: seconds of work, so it is done once for each content and way of packing. */
async function packedLibrary(machine: Machine, packer: string) {
  const content = await readFile(native(machine, LIBRARY));
  const digest = sha256(content);
  const cached = join(CACHE, sha256(`${packer} ${QUALITY} ${process.versions.brotli} ${digest}`));
  const packed = await readFile(cached).catch(() => packInto(cached, content, machine));
  return { file: LIBRARY, machine, sha256: digest, content: packed };
}

async function packInto(cached: string, content: Buffer, machine: Machine): Promise<Buffer> {
  const packed = await pack(content, machine, QUALITY);
  const temporary = `${cached}.${process.pid}`;
  await mkdir(CACHE, { recursive: true });
  await writeFile(temporary, packed);
  await rename(temporary, cached);
  return packed;
}

function bundleLicenses(): Buffer {
  const bundles = Object.keys(BUNDLES).map((name) => join(FOLDER, name));
  return Buffer.from(licensesPage([...licensesOf(bundledPackages(bundles)), runtimeNotices()]));
}

/** Writes the release for one machine. Its file name and SHA-256. */
async function release(machine: Machine, packer: string, licenses: Buffer): Promise<[string, string]> {
  const library = await packedLibrary(machine, packer);
  const plain: Record<string, Buffer> = { [BINDING]: await readFile(native(machine, BINDING)), [LICENSES_FILE]: licenses };
  for (const name of Object.keys(BUNDLES)) {
    plain[name] = await readFile(join(FOLDER, name));
  }
  const zip = writeZip(packedRelease(plain, [library]));
  if (zip === undefined) {
    throw new Error(`the release for ${machine} is too large for a zip`);
  }
  const file = `agent-linux-${machine}.zip`;
  await writeFile(join(FOLDER, file), zip);
  console.log(`${join(FOLDER, file)} ${zip.length} bytes`);
  return [file, sha256(zip)];
}

/** Makes the release for each machine, and the list of their digests. */
export async function releaseAgent(): Promise<void> {
  await bundleAgent(FOLDER);
  const packer = await packerDigest();
  const licenses = bundleLicenses();
  const digests = await Promise.all(MACHINES.map((machine) => release(machine, packer, licenses)));
  const sorted = Object.fromEntries(digests.sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(join(FOLDER, 'digests.json'), `${JSON.stringify(sorted, undefined, 2)}\n`);
}

/** The agent for one machine as it is after unpacking: with links to the native files. */
async function bundleUnpacked(folder: string, arch: string): Promise<void> {
  const machine = MACHINES.find((candidate) => candidate === arch);
  if (machine === undefined) {
    throw new Error(`--arch must be ${MACHINES.join(' or ')}, got '${arch}'`);
  }
  await bundleAgent(folder);
  for (const file of [LIBRARY, BINDING]) {
    await symlink(native(machine, file), join(folder, file));
  }
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

if (require.main === module) {
  runScript(async () => {
    const { values } = parseArgs({ options: { out: { type: 'string' }, arch: { type: 'string', default: 'x64' } } });
    await (values.out === undefined ? releaseAgent() : bundleUnpacked(values.out, values.arch));
  });
}
