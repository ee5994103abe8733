# shellcheck shell=sh
# Stops the supervisor and with it the agent, which sends its captures first, as far as its configuration lets it.
# `stop.sh restart` leaves captures to the agent that is started next.
set -u
case ${1-} in restart) supervisor=USR1 agent=HUP ;; *) supervisor=TERM agent=TERM ;; esac
waited=0
# After a restart of the machine the number may be another program's.
runs() { cat "/proc/$1/cmdline" 2>/dev/null | tr '\0' ' ' | grep -qF "$2"; }
# end <file of the number> <words of the command line> <signal>
end() {
  pid=$(cat "$1" 2>/dev/null) || return
  if runs "$pid" "$2"; then
    kill -"$3" "$pid"
    while runs "$pid" "$2" && [ "$waited" -lt 150 ]; do sleep 0.2; waited=$((waited + 1)); done
    if runs "$pid" "$2"; then kill -9 "$pid"; fi
  fi
  rm -f "$1"
}
end supervisor.pid supervise.sh "$supervisor"
# Left behind by a supervisor that was killed.
end agent.pid "agent.js -a ${EDGE_AGENT_SOCKET-} " "$agent"
exit 0
