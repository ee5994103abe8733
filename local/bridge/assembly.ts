import * as fs from 'node:fs';
import * as path from 'node:path';
import { ACCOUNT, REGION } from '../service/account';
import { isRecord } from '../service/validator';
import { bridgeTemplate } from './template';

const STACK = 'aws:cloudformation:stack';

/**
 * Makes the templates in a cloud assembly, its stages and nested stacks included, deployable into the local cloud, in their
 * place. Their names and hashes stay: one template always becomes the same one.
 */
export function bridgeAssembly(folder: string): void {
  checkEnvironments(path.join(folder, 'manifest.json'));
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) { // not below: a user's asset may hold such files too
    const file = path.join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith('.template.json')) {
      fs.writeFileSync(file, JSON.stringify(bridgeTemplate(readObject(file)), undefined, 1));
    } else if (entry.isDirectory() && entry.name.startsWith('assembly-')) {
      bridgeAssembly(file);
    }
  }
}

/** The CLI says of another account only that it has no credentials for it. */
function checkEnvironments(manifest: string): void {
  const { artifacts } = readObject(manifest);
  for (const [id, artifact] of Object.entries(isRecord(artifacts) ? artifacts : {})) {
    const { type, environment } = isRecord(artifact) ? artifact : {};
    const match = /^aws:\/\/(?<account>[^/]+)\/(?<region>.+)$/.exec(String(environment))?.groups;
    if (type !== STACK || match === undefined) {
      continue;
    }
    const isHere = ['unknown-account', ACCOUNT].includes(match.account ?? '') && ['unknown-region', REGION].includes(match.region ?? '');
    if (!isHere) {
      throw new Error(`the stack ${id} is for account ${match.account ?? ''} in ${match.region ?? ''}, but the local cloud is account ${ACCOUNT} in ${REGION}: `
        + 'leave env out, or take it from the environment: env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION }');
    }
  }
}

function readObject(file: string): Readonly<Record<string, unknown>> {
  const content: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!isRecord(content)) {
    throw new Error(`${file} must hold a JSON object`);
  }
  return content;
}
