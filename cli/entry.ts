// The bundle assets/cli/main.js: the command, and the process of the stand-ins, which the local cloud starts from the same file, since
// both hold the same clients of AWS.
import { STAND_INS } from '../local/service/programs';

const OLDEST = { major: 20, minor: 16 }; // as in package.json

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
  console.error(`cdk-sagemaker-edge needs Node ${OLDEST.major}.${OLDEST.minor} or later, this is ${process.versions.node} (${process.execPath})`);
  process.exit(1);
}
// Node 20 is supported here for as long as the SDK runs on it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
const fatal = (error: unknown): void => {
  console.error(error);
  process.exitCode = 1;
};
if (process.argv[2] === STAND_INS) {
  process.argv.splice(2, 1);
  import('../local/stand-ins.js').catch(fatal);
} else {
  import('./main.js').then(async ({ main }) => main(process.argv.slice(2))).catch(fatal);
}
