# shellcheck shell=sh
# Stops the supervisor and with it the agent, which sends its captures first.
set -u
pid=$(cat supervisor.pid 2>/dev/null) || exit 0
# After a restart of the machine the number may be another program's.
ours() { tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -q 'supervise\.sh'; }
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
