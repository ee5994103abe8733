# shellcheck shell=bash
# shellcheck source=/dev/null
set -a; . /etc/sagemaker-edge/device.env; set +a
client() { runuser -u sagemaker-edge -- /usr/bin/node-24 /var/lib/sagemaker-edge/current/agent/agent-client.js -a /run/sagemaker-edge/agent.sock "$@"; }
