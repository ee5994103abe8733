import { join } from 'node:path';
import { LocalFolder } from '../local/cloud/folder';
import { cacheFolder } from './folders';

/** Where the local cloud of an app keeps its files: in the app's folder. */
export const FOLDER = '.cdk-sagemaker-edge';
const COMMANDS = { up: 'npx cdk-sagemaker-edge local up', down: 'npx cdk-sagemaker-edge local down' };

/** That of the current folder. */
export function folderHere(): LocalFolder {
  return new LocalFolder(join(process.cwd(), FOLDER), cacheFolder(), COMMANDS);
}
