# shellcheck shell=sh
# Keeps the edge agent running, with its models loaded. Its status file says ready, or failed with an exit code and why.
# It ends where the first load fails: the nucleus tries again, or rolls back.
set -u
here=$(cd "$(dirname "$0")" && pwd)
node=$1
delay=1
agent=
served=false
# shellcheck source=load.sh
. "$here/load.sh"
say() { printf '%s supervisor: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }
tell() { printf '%s\n' "$*" > status.new && mv status.new status; }
# Systemd, which runs this under nucleus lite, signals all processes itself. The agent takes a second signal as "at once".
end_agent() {
  trap '' TERM INT USR1
  if [ -n "$agent" ]; then
    if [ -z "${NOTIFY_SOCKET-}" ] || [ "$1" = HUP ]; then kill -"$1" "$agent" 2>/dev/null; fi
    wait "$agent"
  fi
}
stop() {
  end_agent "$1"
  say 'stopped'
  exit 0
}
trap 'stop TERM' TERM INT
# An agent that is about to be started again leaves its captures to the next one. Under nohup, HUP cannot be trapped.
trap 'stop HUP' USR1
# Memory of large requests is given back to the machine: agent/bootstrap/allocator.ts.
export MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=1048576
keep_log_small() {
  if [ "$(wc -c < agent.log)" -gt 10000000 ]; then cp agent.log agent.log.1; : > agent.log; fi
}
ready() {
  served=true
  say "the agent serves all models at $EDGE_AGENT_SOCKET"
  tell ready
  if [ -n "${NOTIFY_SOCKET-}" ]; then systemd-notify --ready; fi
}
while :; do
  rm -f "$EDGE_AGENT_SOCKET"
  started=$(date +%s)
  "$node" "$EDGE_AGENT_RELEASE/agent.js" -a "$EDGE_AGENT_SOCKET" -c agent.json >> agent.log 2>&1 &
  agent=$!
  if load; then
    ready
  else
    say "$problem"
    if [ "$served" = false ]; then
      end_agent HUP
      tell "failed $code $problem"
      exit "$code"
    fi
    tell "degraded $problem"
  fi
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
