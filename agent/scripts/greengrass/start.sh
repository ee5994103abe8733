# shellcheck shell=sh
# Starts the edge agent, and becomes its supervisor. The nucleus is told when the models are loaded, and watches the process from
# then on: nucleus lite by systemd, nucleus classic by itself.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/stop.sh" restart || exit 1
# shellcheck source=prepare.sh
. "$here/prepare.sh"
if [ -z "${NOTIFY_SOCKET-}" ] && [ ! -f "$EDGE_AGENT_RELEASE/update-state.js" ]; then
  echo "the agent's program has no update-state.js, which nucleus classic needs: $EDGE_AGENT_RELEASE" >&2
  exit 21
fi
echo $$ > supervisor.pid
exec sh "$here/supervise.sh" "$node"
