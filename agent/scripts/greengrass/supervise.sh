# shellcheck shell=sh
# Keeps the edge agent running, with its models loaded. It ends where the first load fails: the nucleus tries again, or rolls back.
# After that it ends by a signal alone, and then not with 0: nucleus classic takes no notice of a step that ends with 0.
set -u
here=$(cd "$(dirname "$0")" && pwd)
node=$1
delay=1
agent=
served=false
# shellcheck source=load.sh
. "$here/load.sh"
say() { echo "supervisor: $*"; }
# Systemd, which runs this under nucleus lite, signals all processes itself. The agent takes a second signal as "at once".
end_agent() {
  trap '' TERM INT USR1 HUP
  if [ -n "$agent" ]; then
    if [ -z "${NOTIFY_SOCKET-}" ] || [ "$1" = HUP ]; then kill -"$1" "$agent" 2>/dev/null; fi
    wait "$agent"
  fi
  rm -f agent.pid
}
stop() {
  end_agent "$1"
  say 'stopped'
  if [ -n "${NOTIFY_SOCKET-}" ]; then exit 0; fi
  exit 26
}
trap 'stop TERM' TERM INT
# An agent that is about to be started again leaves its captures to the next one.
trap 'stop HUP' USR1 HUP
# The output is the nucleus's, which may have been killed.
trap '' PIPE
# Memory of large requests is given back to the machine: agent/bootstrap/allocator.ts.
export MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=1048576
keep_log_small() {
  if [ "$(wc -c < agent.log)" -gt 10000000 ]; then cp agent.log agent.log.1; : > agent.log; fi
}
# The nucleus takes the component for started, and watches this process from now on.
report() {
  if [ "$served" = true ]; then return 0; fi
  if [ -n "${NOTIFY_SOCKET-}" ]; then
    words=$(systemd-notify --ready 2>&1)
  else
    words=$("$node" "$EDGE_AGENT_RELEASE/update-state.js" RUNNING 2>&1)
  fi || fails 27 "the nucleus cannot be told that the agent serves: $words"
}
while :; do
  rm -f "$EDGE_AGENT_SOCKET"
  started=$(date +%s)
  "$node" "$EDGE_AGENT_RELEASE/agent.js" -a "$EDGE_AGENT_SOCKET" -c agent.json >> agent.log 2>&1 &
  agent=$!
  echo "$agent" > agent.pid
  if load && report; then
    served=true
    say "the agent serves all models at $EDGE_AGENT_SOCKET"
  else
    echo "$problem" >&2
    if [ "$served" = false ]; then
      end_agent HUP
      exit "$code"
    fi
  fi
  while alive; do nap 1; keep_log_small; done
  wait "$agent"
  code=$?
  agent=
  if [ $(($(date +%s) - started)) -gt 60 ]; then delay=1; fi
  say "the agent ended with code $code; it is started again in $delay s"
  nap "$delay"
  delay=$((delay * 2 > 60 ? 60 : delay * 2))
done
