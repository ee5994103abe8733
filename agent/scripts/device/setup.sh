# shellcheck shell=bash disable=SC2034 # report.sh reads step; attempt counts alone
@REPORT_SH@
install -d -m 0755 /etc/sagemaker-edge /var/lib/sagemaker-edge
# shellcheck disable=SC2154 # report.sh sets instance
cat > /etc/sagemaker-edge/device.env <<ENVIRONMENT
AWS_REGION=@REGION@
EDGE_BUCKET=@BUCKET@
EDGE_MANIFEST_KEY=@MANIFEST_KEY@
EDGE_REPORT_KEY=@REPORT_KEY@
EDGE_INPUT_PREFIX=@INPUT_PREFIX@
EDGE_INSTANCE_ID=$instance
EDGE_ROOT=/var/lib/sagemaker-edge
EDGE_RUN=/run/sagemaker-edge
EDGE_AGENT_USER=sagemaker-edge
ENVIRONMENT
step='dnf could not install nodejs24'
for attempt in 1 2 3 4 5; do
  if dnf install -y nodejs24; then break; fi
  sleep 10
done
test -x /usr/bin/node-24
step='the user of the agent could not be made'
id sagemaker-edge || useradd --system --no-create-home --home-dir /var/lib/sagemaker-edge --shell /sbin/nologin sagemaker-edge
step='the bootstrap could not be installed'
cat > /usr/local/sbin/sagemaker-edge-fetch <<'SCRIPT'
@FETCH_SH@
SCRIPT
chmod 0755 /usr/local/sbin/sagemaker-edge-fetch
cat > /etc/systemd/system/sagemaker-edge-bootstrap.service <<'UNIT'
@BOOTSTRAP_SERVICE@
UNIT
systemctl daemon-reload
systemctl enable sagemaker-edge-bootstrap.service
systemctl start --no-block sagemaker-edge-bootstrap.service
