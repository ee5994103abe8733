import { unpackTo } from './packed';

const [folder, target] = process.argv.slice(2);
if (folder === undefined || target === undefined) {
  throw new Error('usage: node unpack.js <folder of the release> <folder to make>');
}
unpackTo(folder, target).catch((error: unknown) => {
  console.error(`the agent's release cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
