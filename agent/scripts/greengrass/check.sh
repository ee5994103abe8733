# shellcheck shell=sh
# Loads the models into an agent that nobody calls. Nucleus lite runs it as install step: it fails a deployment while the agent
# of the version before goes on.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$PWD
trap 'cd "$work" && rm -rf check check.sock' EXIT
rm -rf check
mkdir check && cd check || exit 22
# shellcheck source=prepare.sh
. "$here/prepare.sh"
# shellcheck source=load.sh
. "$here/load.sh"
EDGE_AGENT_SOCKET=${EDGE_AGENT_SOCKET%/*}/check.sock
rm -f "$EDGE_AGENT_SOCKET"
"$node" "$EDGE_AGENT_RELEASE/agent.js" -a "$EDGE_AGENT_SOCKET" -c agent.json > agent.log 2>&1 &
agent=$!
code=0
if load; then echo 'the agent can load all models'; else printf '%s\n' "$problem" >&2; fi
kill -HUP "$agent" 2>/dev/null
wait "$agent"
# What the models were optimised to is named by content: the agent that is started next need not do it again.
if [ "$code" = 0 ]; then mkdir -p ../data/optimised && cp -n data/optimised/* ../data/optimised/ 2>/dev/null; fi
exit "$code"
