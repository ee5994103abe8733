# shellcheck shell=sh
# Starts the edge agent in the background, and ends when its models are loaded or cannot be.
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
