/** Where a machine's setup says how it went. */
export interface ReportPlace {
  readonly region: string;
  readonly bucketName: string;
  /** May name `$instance`. */
  readonly reportKey: string;
}

/**
 * The beginning of a machine's user data. Whatever ends the script early is reported where the stack waits, by the step that it was in and by the
 * last lines that the machine wrote, so that a deployment fails with its reason and not with a timeout. `done` is the message of a setup that ends
 * well; without it that is for somebody else to report.
 */
export function reportedSetup({ region, bucketName, reportKey }: ReportPlace, done?: string): string {
  return `#!/bin/bash
set -euo pipefail
metadata() { curl -sSf -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"; }
token=$(curl -sSf --retry 10 --retry-connrefused -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
instance=$(metadata instance-id)
step='the setup began'
report() {
  local file
  file=$(mktemp)
  printf '{"instanceId":"%s","status":"%s","message":"%s","models":[]}' "$instance" "$1" "$2" > "$file"
  aws s3api put-object --region '${region}' --bucket '${bucketName}' --key "${reportKey}" --body "$file"
}
ended() {
  local code=$? words
  trap - EXIT
  if [ "$code" = 0 ]; then ${done === undefined ? 'return' : `report READY '${done}'; return`}; fi
  sleep 1 # cloud-init writes the last lines
  words=$(tail -n 4 /var/log/cloud-init-output.log | LC_ALL=C tr -c '[:print:]' ' ' | tr '"\\\\' "'/" | tail -c 400) || words=
  report FAILED "the setup of the machine failed: $step: \${words:-its console output says more}"
}
trap ended EXIT
`;
}
