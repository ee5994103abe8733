import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Agent, STOP_LIMIT_MS } from './agent';
import { loadConfig } from './config/config';
import { ConfigError } from './config/reader';
import { createLogger, type Logger } from './log';
import { stillPacked } from './release/packed';
import { MODEL_PROCESS } from './runtime/model-worker';
import { messageOf } from './status';
import { AGENT_VERSION, ONNX_RUNTIME_VERSION } from './version';

const USAGE = 'usage: node agent.js -a <socket path> -c <configuration file>';

let verbose = false;
const logger: Logger = createLogger((line) => process.stderr.write(line), () => verbose);

function readArguments(): { socketPath: string; configFile: string } | undefined {
  try {
    const { values } = parseArgs({ options: { address: { type: 'string', short: 'a' }, config: { type: 'string', short: 'c' } } });
    const { address, config } = values;
    if (address !== undefined && config !== undefined) {
      return { socketPath: resolve(address), configFile: resolve(config) };
    }
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
  }
  return undefined;
}

async function runAgent(): Promise<void> {
  const given = readArguments();
  if (given === undefined) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  await demandUnpacked();
  // ONNX Runtime reports its sessions and models to Microsoft, and keeps an identifier of the device, unless this is
  // set before it is loaded. The processes of the models inherit it.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  // Node 20 is supported here for as long as the SDK runs on it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { config, warnings } = await loadConfig(given.configFile, process.env);
  verbose = config.verbose;
  logger.info('agent starts', {
    version: AGENT_VERSION,
    onnxRuntime: ONNX_RUNTIME_VERSION,
    node: process.version,
    pid: process.pid,
    device: config.deviceName,
    fleet: config.deviceFleetName,
  });
  for (const warning of warnings) {
    logger.warn(warning, { file: given.configFile });
  }
  const starting = Agent.start({
    socketPath: given.socketPath, config, logger, environment: process.env, workerEntry: __filename, stopLimitMs: STOP_LIMIT_MS,
    writeMetrics: (line) => process.stdout.write(line),
  });
  handleSignals(starting); // before it is up: a signal in the middle must not end it half made
  await starting;
}

/** Without it, the first model would be the first to fail. */
async function demandUnpacked(): Promise<void> {
  const packed = await stillPacked(__dirname);
  if (packed.length > 0) {
    throw new ConfigError([
      `${packed.join(', ')} in ${__dirname} is still packed, so that no model can be loaded: run 'node unpack.js ${__dirname} <folder>', `
      + 'then the agent.js in that folder',
    ]);
  }
}

function handleSignals(starting: Promise<Agent>): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) { // the second time: at once
      process.exit(1);
    }
    stopping = true;
    logger.info('agent stops', { signal });
    starting.then((agent) => agent.stop({ sendCaptures: signal !== 'SIGHUP' })).then(
      () => { process.exit(0); },
      (error: unknown) => { fail('the agent could not stop in order', error); },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', stop); // about to be started again on this machine
  process.on('SIGUSR2', () => {
    starting.then(
      (agent) => { agent.writeMetrics(); },
      () => undefined, // what starts it reports it
    );
  });
}

/** The service manager starts the agent again. The spool keeps the captures. */
function fail(message: string, error: unknown): never {
  const ofConfig = error instanceof ConfigError;
  logger.error(message, { reason: messageOf(error), ...(error instanceof Error && !ofConfig ? { stack: error.stack } : {}) });
  process.exit(ofConfig ? 2 : 1);
}

if (process.argv[2] === MODEL_PROCESS) {
  // Loaded here alone: the agent needs no runtime, and an idle agent stays small.
  import('./runtime/worker.js').then(({ runWorker }) => runWorker()).catch((error: unknown) => {
    fail('the process of a model failed', error);
  });
} else {
  process.on('uncaughtException', (error) => {
    fail('the agent failed', error);
  });
  runAgent().catch((error: unknown) => {
    fail('the agent cannot start', error);
  });
}
