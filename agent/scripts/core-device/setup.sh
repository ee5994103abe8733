# shellcheck shell=bash disable=SC2034,SC2164 # report.sh reads step, and lets a command that fails end the script; attempt counts alone
@REPORT_SH@
umask 022
install -d -m 0755 /etc/sagemaker-edge
cat > /etc/sagemaker-edge/core.env <<ENVIRONMENT
AWS_REGION=@REGION@
CORE_THING_NAME=@THING_NAME@
CORE_SECRET_ARN=@SECRET_ARN@
CORE_CERTIFICATE_ID=@CERTIFICATE_ID@
CORE_ROLE_ALIAS=@ROLE_ALIAS@
CORE_CREDENTIAL_ENDPOINT=@CREDENTIAL_ENDPOINT@
CORE_DATA_ENDPOINT=@DATA_ENDPOINT@
CORE_NUCLEUS_VERSION=@NUCLEUS_VERSION@
CORE_NUCLEUS_URI=@NUCLEUS_URI@
CORE_NUCLEUS_SHA256=@NUCLEUS_SHA256@
CORE_REPORT_BUCKET=@BUCKET@
CORE_REPORT_KEY=@REPORT_KEY@
ENVIRONMENT
# shellcheck source=/dev/null
. /etc/sagemaker-edge/core.env
step='dnf could not install Java, Node.js and tools'
installed=
for attempt in 1 2 3 4 5; do
  if dnf install -y java-17-amazon-corretto-devel nodejs24 unzip tar sudo; then installed=yes; break; fi
  sleep 10
done
test -n "$installed"
step='the user of the components could not be made'
id ggc_user || { groupadd --system ggc_group && useradd --system --create-home --gid ggc_group ggc_user; }
step='components could not be given their user, and kept from the instance metadata'
install -d -m 0750 /etc/sudoers.d
echo 'root ALL=(ALL:ALL) ALL' > /etc/sudoers.d/50-greengrass # the nucleus runs components as user and group; Amazon Linux lets root choose the user alone
chmod 0440 /etc/sudoers.d/50-greengrass
cat > /etc/systemd/system/sagemaker-edge-no-metadata.service <<'UNIT'
@NO_METADATA_SERVICE@
UNIT
systemctl daemon-reload
systemctl enable --now sagemaker-edge-no-metadata.service
step='the root certificate could not be fetched'
install -d -m 0755 /greengrass /greengrass/v2
install -d -m 0700 /greengrass/v2/certs
curl -sSf --retry 5 -o /greengrass/v2/certs/AmazonRootCA1.pem https://www.amazontrust.com/repository/AmazonRootCA1.pem
step='the certificate and key of the device could not be read from its secret'
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if aws secretsmanager get-secret-value --region "$AWS_REGION" --secret-id "$CORE_SECRET_ARN" --query SecretString --output text | (umask 077; /usr/bin/node-24 -e '
    @READ_SECRET_JS@
  ' "$CORE_CERTIFICATE_ID"); then break; fi
  sleep 10
done
test -s /greengrass/v2/certs/private.pem.key
step="the nucleus could not be fetched from $CORE_NUCLEUS_URI"
work=$(mktemp -d)
cd "$work"
curl -sSf --retry 5 -o nucleus.zip "$CORE_NUCLEUS_URI"
step='the archive of the nucleus has not the digest or signature that it should have'
if [ -n "$CORE_NUCLEUS_SHA256" ]; then
  echo "$CORE_NUCLEUS_SHA256  nucleus.zip" | sha256sum --check --quiet
else
  jarsigner -verify -certs -verbose nucleus.zip > signature.txt
  grep -q '^jar verified' signature.txt
  grep -q 'O="\?Amazon' signature.txt
fi
step='the nucleus could not be installed'
launches() { grep -c '^Launched Nucleus successfully' /greengrass/v2/logs/loader.log 2>/dev/null || true; }
before=$(launches)
unzip -q nucleus.zip -d installer
cat > config.yaml <<CONFIGURATION
---
system:
  certificateFilePath: "/greengrass/v2/certs/device.pem.crt"
  privateKeyPath: "/greengrass/v2/certs/private.pem.key"
  rootCaPath: "/greengrass/v2/certs/AmazonRootCA1.pem"
  rootpath: "/greengrass/v2"
  thingName: "$CORE_THING_NAME"
services:
  aws.greengrass.Nucleus:
    componentType: "NUCLEUS"
    version: "$CORE_NUCLEUS_VERSION"
    configuration:
      awsRegion: "$AWS_REGION"
      iotRoleAlias: "$CORE_ROLE_ALIAS"
      iotDataEndpoint: "$CORE_DATA_ENDPOINT"
      iotCredEndpoint: "$CORE_CREDENTIAL_ENDPOINT"
      mqtt:
        port: 443
      greengrassDataPlanePort: 443
CONFIGURATION
java -Droot=/greengrass/v2 -Dlog.store=FILE -jar installer/lib/Greengrass.jar --init-config config.yaml --component-default-user ggc_user:ggc_group --setup-system-service true
cd /
rm -rf "$work"
# The service is active as soon as its loader is. The nucleus says when it runs, and is looked at again: one that ends is started anew.
step='the service of the nucleus did not start'
last_words() { tail -q -n 10 /greengrass/v2/logs/greengrass.log /greengrass/v2/logs/loader.log; }
started=
for attempt in $(seq 60); do
  started=$(launches)
  if [ "${started:-0}" -gt "${before:-0}" ]; then break; fi
  sleep 5
done
if ! [ "${started:-0}" -gt "${before:-0}" ]; then last_words; false; fi
step='the nucleus did not go on running'
sleep 15
if ! systemctl is-active --quiet greengrass.service || [ "$(launches)" != "$started" ]; then last_words; false; fi
