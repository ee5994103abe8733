# shellcheck shell=sh
# Keeps the edge agent running, with its models loaded. Its status file says ready, or failed and why.
set -u
node=$1
delay=1
agent=
say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) supervisor: $*"; }
tell() { printf '%s\n' "$*" > status.new && mv status.new status; }
stop() {
  trap '' TERM INT
  if [ -n "$agent" ]; then kill "$agent" 2>/dev/null; wait "$agent"; fi
  say 'stopped'
  exit 0
}
trap stop TERM INT
# Memory of large requests is given back to the machine: agent/bootstrap/allocator.ts.
export MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=1048576
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
    entry=${rest%%|*}
    case $rest in *'|'*) rest=${rest#*|} ;; *) rest= ;; esac
    name=${entry%%=*}
    folder=$(unpacked "$name" "${entry#*=}") || { problem="model $name cannot be unpacked: ${entry#*=}"; return 1; }
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
  case $(cat status 2>/dev/null) in ready) tell restarting ;; esac # a failure stays until start.sh has seen it
  nap "$delay"
  delay=$((delay * 2 > 60 ? 60 : delay * 2))
done
