# shellcheck shell=sh
# Starts the edge agent. Under nucleus classic it ends when the models are loaded, or cannot be. Under nucleus lite it becomes the
# supervisor: systemd is told when the models are loaded, and watches the process.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/stop.sh" restart || exit 1
rm -f status
# shellcheck source=prepare.sh
. "$here/prepare.sh"
if [ -n "${NOTIFY_SOCKET-}" ]; then
  echo $$ > supervisor.pid
  exec sh "$here/supervise.sh" "$node"
fi
nohup sh "$here/supervise.sh" "$node" >> agent.log 2>&1 < /dev/null &
supervisor=$!
echo "$supervisor" > supervisor.pid
while kill -0 "$supervisor" 2>/dev/null; do
  case $(cat status 2>/dev/null) in ready) echo "the agent serves all models at $EDGE_AGENT_SOCKET"; exit 0 ;; esac
  sleep 0.2
done
wait "$supervisor"
code=$?
status=$(cat status 2>/dev/null)
rm -f supervisor.pid status
case $status in failed*) printf '%s\n' "${status#failed "$code" }" >&2; exit "$code" ;; esac
echo "the supervisor of the agent ended with code $code; its last words:" >&2
tail -n 5 agent.log >&2
exit 26
