# shellcheck shell=sh
# What reads it gives and takes variables.
# shellcheck disable=SC2034,SC2154
# Read by start.sh and check.sh: finds Node.js, and makes the agent's program and configuration in the working directory.
# The exit code is all that Greengrass takes to the cloud from a step: docs/troubleshooting.md says what each means.
node=$EDGE_AGENT_NODE
if [ -z "$node" ]; then
  node=$(command -v node-24 || command -v node) || { echo "Node.js is not on this device's path ($PATH): install it, or give the component's nodePath" >&2; exit 20; }
fi
"$node" --version > /dev/null || { echo "Node.js cannot be run as $(id -un): $node" >&2; exit 20; }
# The component of the program brings the release of this device's architecture alone.
for folder in "$EDGE_AGENT_RELEASE"/agent-*; do EDGE_AGENT_RELEASE=$folder; done
# The release is root's and packed; what runs is unpacked here, each time checked against the digests in the release.
if [ -f "$EDGE_AGENT_RELEASE/packed.json" ]; then
  "$node" "$EDGE_AGENT_RELEASE/unpack.js" "$EDGE_AGENT_RELEASE" program || exit 21
  EDGE_AGENT_RELEASE=$PWD/program
fi
[ -f "$EDGE_AGENT_RELEASE/agent.js" ] || { echo "the agent's program is missing: $EDGE_AGENT_RELEASE" >&2; exit 21; }
export EDGE_AGENT_RELEASE
"$node" "$here/configure.js" "$here/roots" agent.json || exit 22
