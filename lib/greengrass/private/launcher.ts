import type { ArchiveFile } from '../../private/archive/archive-file';

/** Stands for the device's own name in the configuration: a component's configuration cannot hold recipe variables. */
export const THING_NAME_PLACEHOLDER = '@thing@';

/** The agent's keys that take numbers, which a component's configuration holds as text. */
const NUMERIC_KEYS = [
  'core_capture_data_buffer_size', 'core_capture_data_batch_size', 'core_capture_data_push_period_seconds', 'core_capture_data_base64_embed_limit',
  'core_capture_data_periodic_upload_period_seconds', 'capture_spool_max_bytes', 'memory_budget_bytes', 'intra_op_threads', 'heartbeat_period_seconds',
  'metrics_period_seconds',
];

/**
 * The start-up step. It ends when the models are loaded, so that a deployment whose models cannot be loaded fails; with output of the background
 * process left on its own, the nucleus would wait for that process.
 */
const START = `# Starts the edge agent in the background, and ends when its models are loaded or cannot be.
set -u
here=$(cd "$(dirname "$0")" && pwd)
node=$EDGE_AGENT_NODE
if [ -z "$node" ]; then
  node=$(command -v node-24 || command -v node) || { echo "Node.js is not on this device's path ($PATH): install it, or give the component's nodePath" >&2; exit 1; }
fi
sh "$here/stop.sh" || exit 1
rm -f status
# The release is root's and packed; what runs is unpacked here, each time checked against the digests in the release.
if [ -f "$EDGE_AGENT_RELEASE/packed.json" ]; then
  "$node" "$EDGE_AGENT_RELEASE/unpack.js" "$EDGE_AGENT_RELEASE" program || exit 1
  EDGE_AGENT_RELEASE=$PWD/program
  export EDGE_AGENT_RELEASE
fi
"$node" "$here/configure.js" "$here/roots" agent.json || exit 1
nohup sh "$here/supervise.sh" "$node" >> agent.log 2>&1 < /dev/null &
echo $! > supervisor.pid
waited=0
while [ "$waited" -lt "$EDGE_AGENT_START_SECONDS" ]; do
  status=$(cat status 2>/dev/null)
  case $status in
    ready) echo "the agent serves all models at $EDGE_AGENT_SOCKET"; exit 0 ;;
    failed*) echo "$status" >&2; sh "$here/stop.sh"; exit 1 ;;
  esac
  sleep 1
  waited=$((waited + 1))
done
echo "the agent has not loaded its models within $EDGE_AGENT_START_SECONDS seconds; its last words:" >&2
tail -n 5 agent.log >&2
sh "$here/stop.sh"
exit 1
`;

const SUPERVISE = `# Keeps the edge agent running, with its models loaded. Its status file says ready, or failed and why.
set -u
node=$1
delay=1
agent=
say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) supervisor: $*"; }
tell() { printf '%s\\n' "$*" > status.new && mv status.new status; }
stop() {
  trap '' TERM INT
  if [ -n "$agent" ]; then kill "$agent" 2>/dev/null; wait "$agent"; fi
  say 'stopped'
  exit 0
}
trap stop TERM INT
nap() { sleep "$1" & wait $!; }
alive() { kill -0 "$agent" 2>/dev/null; }
client() { "$node" "$EDGE_AGENT_RELEASE/agent-client.js" -a "$EDGE_AGENT_SOCKET" --timeout 120 "$@" 2>&1; }
keep_log_small() {
  if [ "$(wc -c < agent.log)" -gt 10000000 ]; then cp agent.log agent.log.1; : > agent.log; fi
}
# A package that was made elsewhere comes as it is.
unpacked() {
  case $2 in
    *.tar.gz) rm -rf "models/$1"; mkdir -p "models/$1" && tar -xzf "$2" -C "models/$1" && echo "$PWD/models/$1" ;;
    *) echo "$2" ;;
  esac
}
load() {
  until [ -S "$EDGE_AGENT_SOCKET" ]; do
    alive || { problem="the agent ended at once: $(tail -n 1 agent.log)"; return 1; }
    nap 0.2
  done
  rest=$EDGE_AGENT_MODELS
  while [ -n "$rest" ]; do
    entry=\${rest%%|*}
    case $rest in *'|'*) rest=\${rest#*|} ;; *) rest= ;; esac
    name=\${entry%%=*}
    folder=$(unpacked "$name" "\${entry#*=}") || { problem="model $name cannot be unpacked: \${entry#*=}"; return 1; }
    words=$(client LoadModel "$folder" "$name") || { problem="model $name cannot be loaded: $words"; return 1; }
    say "model $name is loaded"
  done
}
while :; do
  rm -f "$EDGE_AGENT_SOCKET"
  started=$(date +%s)
  "$node" "$EDGE_AGENT_RELEASE/agent.js" -a "$EDGE_AGENT_SOCKET" -c agent.json &
  agent=$!
  if load; then tell ready; else say "$problem"; tell "failed: $problem"; fi
  while alive; do nap 1; keep_log_small; done
  wait "$agent"
  code=$?
  agent=
  if [ $(($(date +%s) - started)) -gt 60 ]; then delay=1; fi
  say "the agent ended with code $code; it is started again in $delay s"
  tell restarting
  nap "$delay"
  delay=$((delay * 2 > 60 ? 60 : delay * 2))
done
`;

const STOP = `# Stops the supervisor and with it the agent, which sends its captures first.
set -u
pid=$(cat supervisor.pid 2>/dev/null) || exit 0
# After a restart of the machine the number may be another program's.
ours() { tr '\\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -q 'supervise\\.sh'; }
if ours; then
  children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
  kill "$pid"
  waited=0
  while ours && [ "$waited" -lt 30 ]; do sleep 1; waited=$((waited + 1)); done
  if ours; then
    kill -9 "$pid"
    for child in $children; do kill -9 "$child" 2>/dev/null; done
  fi
fi
rm -f supervisor.pid status
exit 0
`;

const CONFIGURE = `// Writes the agent's configuration: the component's, with what only the device knows.
'use strict';
const { writeFileSync } = require('node:fs');
const { AWS_IOT_THING_NAME: thing, AWS_REGION: region, EDGE_AGENT_CONFIG: text } = process.env;
const [roots, file] = process.argv.slice(2);
const numeric = ${JSON.stringify(NUMERIC_KEYS.map((key) => `sagemaker_edge_${key}`))};
const config = {};
for (const [key, value] of Object.entries(JSON.parse(text))) {
  config[key] = numeric.includes(key) ? Number(value) : typeof value === 'string' ? value.replaceAll('${THING_NAME_PLACEHOLDER}', thing) : value;
}
Object.assign(config, {
  sagemaker_edge_core_device_name: thing, sagemaker_edge_core_iot_thing_name: thing, sagemaker_edge_core_region: region,
  sagemaker_edge_provider_provider: 'Custom', // the nucleus's token exchange, by the environment
  sagemaker_edge_core_root_certs_path: roots,
  sagemaker_edge_local_data_root_path: process.cwd() + '/data',
});
if (config.sagemaker_edge_core_capture_data_destination !== 'Cloud') { config.sagemaker_edge_core_capture_data_disk_path = process.cwd() + '/captures'; }
writeFileSync(file, JSON.stringify(config, undefined, 2) + '\\n');
`;

/** The files that start, supervise and stop the agent on a device. */
export function launcherFiles(signingRoots: readonly string[]): ArchiveFile[] {
  const roots = signingRoots.map((pem, index): [string, string] => [`roots/${index}.pem`, pem]);
  const files: [string, string][] = [
    ['start.sh', START], ['supervise.sh', SUPERVISE], ['stop.sh', STOP], ['configure.js', CONFIGURE],
    ['roots/README', 'Certificates that the signatures of models must lead to, a .pem file each.\n'], // the agent wants the folder
    ...roots,
  ];
  return files.map(([path, content]) => ({ path, content: Buffer.from(content) }));
}
