#!/bin/bash
set -euo pipefail
metadata() { curl -sSf -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"; }
token=$(curl -sSf --retry 10 --retry-connrefused -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
instance=$(metadata instance-id)
step='the setup began'
report() {
  local file
  file=$(mktemp)
  printf '{"instanceId":"%s","status":"%s","message":"%s","models":[]}' "$instance" "$1" "$2" > "$file"
  aws s3api put-object --region '@REGION@' --bucket '@BUCKET@' --key "@REPORT_KEY@" --body "$file"
}
ended() {
  local code=$? words
  trap - EXIT
  if [ "$code" = 0 ]; then @ON_SUCCESS@; fi
  sleep 1 # cloud-init writes the last lines
  # shellcheck disable=SC1003 # the first quotation holds a backslash
  words=$(tail -n 4 /var/log/cloud-init-output.log | LC_ALL=C tr -c '[:print:]' ' ' | tr '"\\' "'/" | tail -c 400) || words=
  report FAILED "the setup of the machine failed: $step: ${words:-its console output says more}"
}
trap ended EXIT
