// Bundles the command `cdk-sagemaker-edge` to assets/cli, which the package ships: the command itself, the programs that its
// local cloud starts, and the local cloud's bridge as a cloud assembly, so that neither aws-cdk-lib nor esbuild is needed to deploy it.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { BuildOptions } from 'esbuild';
import { BridgeStack } from '../local/bridge/stack';
import { ACCOUNT, REGION } from '../local/service/account';
import { nativeBinding } from './build-agent';
import { bundle } from './bundle';

const FOLDER = 'assets/cli';
const ONNX_BINDING = '`${process.env.LOCAL_ONNX_RUNTIME}/onnxruntime_binding.node`';

const BUNDLES: Readonly<Record<string, BuildOptions>> = {
  'main.js': {
    entryPoints: ['cli/entry.ts'], external: ['aws-cdk-lib', 'constructs'], loader: { '.service': 'text' },
    banner: { js: '#!/usr/bin/env node' },
  },
  'synth.js': { entryPoints: ['local/bridge/synth.ts'] },
  'onnx-worker.js': { entryPoints: ['local/sagemaker/onnx-worker.ts'], plugins: [nativeBinding(ONNX_BINDING)] },
  'model-server.js': { entryPoints: ['local/sagemaker/hosting/model-server.ts'], plugins: [nativeBinding(ONNX_BINDING)] },
};

export async function buildCli(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  for (const [name, options] of Object.entries(BUNDLES)) {
    await bundle({ ...options, format: 'cjs', outfile: join(FOLDER, name) });
  }
  await mkdir(join(FOLDER, 'experiments'));
  const requirements = ['requirements.txt', 'source-requirements.txt'];
  for (const file of [...requirements, ...requirements.map((name) => join('experiments', name)), 'certificates.py', 'emulator.py']) {
    await copyFile(join('local/cloud', file), join(FOLDER, file));
  }
  await synthesizeBridge();
}

async function synthesizeBridge(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cdk-sagemaker-edge-bridge-'));
  try {
    await bundle({ entryPoints: ['local/bridge/handler/index.ts'], outfile: join(folder, 'index.mjs'), format: 'esm' });
    const app = new App({ outdir: join(FOLDER, 'bridge'), analyticsReporting: false, treeMetadata: false });
    new BridgeStack(app, 'LocalBridge', { env: { account: ACCOUNT, region: REGION }, handler: folder });
    app.synth();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
