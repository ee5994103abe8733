#!/usr/bin/env bash
# A newcomer's path, in a folder that has the package, aws-cdk-lib and aws-cdk installed, and nothing of this repository but the
# newcomer's own app and model:
#
#   own .onnx -> pack -> agent -> client predicts
#   own CDK app -> local deploy -> prediction -> new model -> another prediction -> captures show
#   local down leaves nothing
#
# usage: bash test/newcomer/path.sh <folder>
set -euo pipefail
own=$(cd "$(dirname "$0")" && pwd)
cd "$1"
cp "$own/app.mjs" "$own/make-model.mjs" .
export XDG_CACHE_HOME=$PWD/cache
command=$PWD/node_modules/.bin/cdk-sagemaker-edge
edge() { "$command" "$@"; }
fail() {
  printf 'newcomer: %s\n' "$*" >&2
  exit 1
}

agent=
finish() {
  if [ -n "$agent" ]; then kill "$agent" 2>/dev/null || true; fi
  edge local down > /dev/null 2>&1 || true
}
trap finish EXIT

# Fails unless the client's answer in JSON, of four numbers, is what was sent times $2.
sent='1, 2, 3, 4'
node -e "require('node:fs').writeFileSync('input.bin', Buffer.from(Float32Array.of($sent).buffer))"
expect_times() {
  node -e '
    const [answer, file, sent, factor] = process.argv.slice(1);
    const values = require("node:fs").readFileSync(file).subarray(-16);
    const got = [0, 4, 8, 12].map((at) => values.readFloatLE(at));
    const wanted = sent.split(", ").map((value) => value * factor);
    if (JSON.stringify(got) !== JSON.stringify(wanted)) { throw new Error(`the model gave ${got}, not ${wanted}: ${answer}`); }
  ' "$1" out/0-y.npy "$sent" "$2"
}

printf '{ "app": "node app.mjs" }\n' > cdk.json
node make-model.mjs 2

echo '== own model, no cloud'
npx --no-install cdk-sagemaker-edge pack model.onnx -o package --name scale
"$command" agent package > agent.log 2>&1 &
agent=$!
for _ in $(seq 600); do
  if [ -S edge-agent-data/agent.sock ] && edge client ListModels > models.txt 2>/dev/null && grep -q '^scale ' models.txt; then break; fi
  kill -0 "$agent" 2>/dev/null || fail "the agent has ended: $(tail -n 5 agent.log)"
  sleep 0.2
done
expect_times "$(edge client Predict scale input.bin --out out)" 2
edge client PredictAndCapture scale input.bin --wait 60
edge captures show edge-agent-data/captures latest
kill "$agent"
wait "$agent" || fail "the agent ended with $?: $(tail -n 5 agent.log)"
agent=

echo '== own CDK app'
edge local deploy
# The socket that status names, and the output of the app.
socket() { edge local status | sed -n 's/.* client -a \([^ ]*\) .*/\1/p'; }
location() { edge local status | sed -n 's/.*CaptureLocation = //p'; }
expect_times "$(edge client -a "$(socket)" Predict scale input.bin --out out)" 2

echo '== a new model'
node make-model.mjs 3
edge local deploy
expect_times "$(edge client -a "$(socket)" Predict scale input.bin --out out)" 3
edge client -a "$(socket)" PredictAndCapture scale input.bin --wait 120
edge captures ls --local "$(location)"
shown=$(edge captures show --local "$(location)" latest)
printf '%s\n' "$shown"
printf '%s\n' "$shown" | grep -q 'y  FLOAT32 \[1, 4\]  min 3, max 12, mean 7.5: 3, 6, 9, 12' || fail 'the capture is not that of the prediction'
edge captures export --local "$(location)" latest -o exported
[ -f exported/output-1-y.npy ] || fail "export wrote $(ls exported)"

echo '== nothing is left'
edge local destroy
edge local status
edge local down
[ ! -e .cdk-sagemaker-edge ] || fail "local down left $(find .cdk-sagemaker-edge | head)"
for process in /proc/[0-9]*; do
  if [ "${process#/proc/}" != "$$" ] && [[ $(readlink "$process/cwd" 2>/dev/null) == "$PWD"/.cdk-sagemaker-edge* ]]; then
    fail "local down left a process: $(tr '\0' ' ' < "$process/cmdline")"
  fi
done
echo 'a newcomer gets through'
