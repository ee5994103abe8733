import { reportedSetup } from './machine-report';

/** What a machine is told when it is made. None of it changes with models, configuration or the agent's version. */
export interface UserDataSettings {
  readonly region: string;
  readonly bucketName: string;
  readonly manifestKey: string;
  readonly reportKey: string;
  readonly inputPrefix: string;
}

/** Names on the device that scripts and documents share. */
export const DEVICE_ROOT = '/var/lib/sagemaker-edge';
export const DEVICE_SOCKET = '/run/sagemaker-edge/agent.sock';
export const DEVICE_ENVIRONMENT = '/etc/sagemaker-edge/device.env';
export const DEVICE_USER = 'sagemaker-edge';
export const NODE = '/usr/bin/node-24';

/** Runs as root at each start: takes the bootstrap that the manifest names. Without network the one that is there goes on. */
export const FETCH_SCRIPT = `#!/bin/bash
set -euo pipefail
cd ${DEVICE_ROOT}
if ! aws s3api get-object --bucket "$EDGE_BUCKET" --key "$EDGE_MANIFEST_KEY" manifest.json > /dev/null; then
  test -f bootstrap.js
  exit
fi
read -r bucket key digest < <(${NODE} -e '
  const { uri, sha256 } = JSON.parse(fs.readFileSync("manifest.json", "utf8")).bootstrap;
  const [, bucket, key] = /^s3:..([^/]+)[/](.+)$/.exec(uri);
  console.log(bucket, key, sha256);
')
if echo "$digest  bootstrap.js" | sha256sum --check --status 2> /dev/null; then exit; fi
aws s3api get-object --bucket "$bucket" --key "$key" bootstrap.new > /dev/null
echo "$digest  bootstrap.new" | sha256sum --check --quiet
mv bootstrap.new bootstrap.js
`;

/** The bootstrap writes units and folders and is obeyed by systemd, which asks for CAP_SYS_ADMIN: it is root, and little more than that. */
export const BOOTSTRAP_UNIT = `[Unit]
Description=Sets up and looks after the SageMaker edge agent
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
EnvironmentFile=${DEVICE_ENVIRONMENT}
ExecStartPre=/usr/local/sbin/sagemaker-edge-fetch
ExecStart=${NODE} ${DEVICE_ROOT}/bootstrap.js
Restart=always
RestartSec=5s
TimeoutStartSec=5min
UMask=0022
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_SYS_ADMIN
ProtectSystem=strict
ReadWritePaths=${DEVICE_ROOT} /run /etc/systemd/system
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;

/** The whole user data. What goes wrong before the bootstrap can say so is reported by the script itself. */
export function userData(settings: UserDataSettings): string {
  return `${reportedSetup(settings)}install -d -m 0755 /etc/sagemaker-edge ${DEVICE_ROOT}
cat > ${DEVICE_ENVIRONMENT} <<ENVIRONMENT
AWS_REGION=${settings.region}
EDGE_BUCKET=${settings.bucketName}
EDGE_MANIFEST_KEY=${settings.manifestKey}
EDGE_REPORT_KEY=${settings.reportKey}
EDGE_INPUT_PREFIX=${settings.inputPrefix}
EDGE_INSTANCE_ID=$instance
EDGE_ROOT=${DEVICE_ROOT}
EDGE_RUN=/run/sagemaker-edge
EDGE_AGENT_USER=${DEVICE_USER}
ENVIRONMENT
step='dnf could not install nodejs24'
for attempt in 1 2 3 4 5; do
  if dnf install -y nodejs24; then break; fi
  sleep 10
done
test -x ${NODE}
step='the user of the agent could not be made'
id ${DEVICE_USER} || useradd --system --no-create-home --home-dir ${DEVICE_ROOT} --shell /sbin/nologin ${DEVICE_USER}
step='the bootstrap could not be installed'
cat > /usr/local/sbin/sagemaker-edge-fetch <<'SCRIPT'
${FETCH_SCRIPT}SCRIPT
chmod 0755 /usr/local/sbin/sagemaker-edge-fetch
cat > /etc/systemd/system/sagemaker-edge-bootstrap.service <<'UNIT'
${BOOTSTRAP_UNIT}UNIT
systemctl daemon-reload
systemctl enable sagemaker-edge-bootstrap.service
systemctl start --no-block sagemaker-edge-bootstrap.service
`;
}
