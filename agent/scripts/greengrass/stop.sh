# shellcheck shell=sh
# Stops the supervisor and with it the agent, which sends its captures first, as far as its configuration lets it.
# `stop.sh restart` leaves captures to the agent that is started next.
set -u
pid=$(cat supervisor.pid 2>/dev/null) || exit 0
case ${1-} in restart) signal=USR1 ;; *) signal=TERM ;; esac
# After a restart of the machine the number may be another program's.
ours() { cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' ' ' | grep -q 'supervise\.sh'; }
if ours; then
  children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
  kill -"$signal" "$pid"
  waited=0
  while ours && [ "$waited" -lt 150 ]; do sleep 0.2; waited=$((waited + 1)); done
  if ours; then
    kill -9 "$pid"
    for child in $children; do kill -9 "$child" 2>/dev/null; done
  fi
fi
rm -f supervisor.pid status
exit 0
