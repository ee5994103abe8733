import { reportedSetup } from './machine-report';

/** What a core device is told when it is made. All of it is part of who the device is: another value is another machine. */
export interface CoreDeviceSettings {
  readonly region: string;
  readonly thingName: string;
  /** Certificate and private key, as the device's certificate keeps them. */
  readonly secretArn: string;
  /** Another certificate in the same secret is another identity. */
  readonly certificateId: string;
  readonly roleAliasName: string;
  readonly credentialEndpoint: string;
  readonly dataEndpoint: string;
  readonly nucleusVersion: string;
  readonly nucleusUri: string;
  /** Empty: the archive's signature is verified instead. */
  readonly nucleusSha256: string;
  /** Where it says how the setup went. */
  readonly bucketName: string;
  /** With `$instance` for the machine's id: an object for each. */
  readonly reportKey: string;
}

const ROOT = '/greengrass/v2';
const NODE = '/usr/bin/node-24';
const USER = 'ggc_user';
const ENVIRONMENT = '/etc/sagemaker-edge/core.env';

/** Components would otherwise have the machine's own rights, among them to read the private key. */
const NO_METADATA_UNIT = `[Unit]
Description=Keeps Greengrass components from the instance metadata
Before=greengrass.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'exec ip rule add uidrange "$(id -u ${USER})-$(id -u ${USER})" to 169.254.169.254 prohibit'

[Install]
WantedBy=multi-user.target
`;

/** The nucleus's configuration for manual provisioning. Port 443 alone, so that the machine needs no other way out. */
const CONFIGURATION = `---
system:
  certificateFilePath: "${ROOT}/certs/device.pem.crt"
  privateKeyPath: "${ROOT}/certs/private.pem.key"
  rootCaPath: "${ROOT}/certs/AmazonRootCA1.pem"
  rootpath: "${ROOT}"
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
`;

/** Installs nucleus classic as AWS's developer guide says for manual provisioning, with the archive verified. */
export function coreDeviceUserData(settings: CoreDeviceSettings): string {
  const { region, bucketName, reportKey } = settings;
  return `${reportedSetup({ region, bucketName, reportKey }, 'the nucleus runs')}umask 022
install -d -m 0755 /etc/sagemaker-edge
cat > ${ENVIRONMENT} <<ENVIRONMENT
AWS_REGION=${settings.region}
CORE_THING_NAME=${settings.thingName}
CORE_SECRET_ARN=${settings.secretArn}
CORE_CERTIFICATE_ID=${settings.certificateId}
CORE_ROLE_ALIAS=${settings.roleAliasName}
CORE_CREDENTIAL_ENDPOINT=${settings.credentialEndpoint}
CORE_DATA_ENDPOINT=${settings.dataEndpoint}
CORE_NUCLEUS_VERSION=${settings.nucleusVersion}
CORE_NUCLEUS_URI=${settings.nucleusUri}
CORE_NUCLEUS_SHA256=${settings.nucleusSha256}
CORE_REPORT_BUCKET=${bucketName}
CORE_REPORT_KEY=${reportKey}
ENVIRONMENT
. ${ENVIRONMENT}
step='dnf could not install Java, Node.js and tools'
installed=
for attempt in 1 2 3 4 5; do
  if dnf install -y java-17-amazon-corretto-devel nodejs24 unzip tar sudo; then installed=yes; break; fi
  sleep 10
done
test -n "$installed"
step='the user of the components could not be made'
id ${USER} || { groupadd --system ggc_group && useradd --system --create-home --gid ggc_group ${USER}; }
step='components could not be given their user, and kept from the instance metadata'
install -d -m 0750 /etc/sudoers.d
echo 'root ALL=(ALL:ALL) ALL' > /etc/sudoers.d/50-greengrass # the nucleus runs components as user and group; Amazon Linux lets root choose the user alone
chmod 0440 /etc/sudoers.d/50-greengrass
cat > /etc/systemd/system/sagemaker-edge-no-metadata.service <<'UNIT'
${NO_METADATA_UNIT}UNIT
systemctl daemon-reload
systemctl enable --now sagemaker-edge-no-metadata.service
step='the root certificate could not be fetched'
install -d -m 0755 /greengrass ${ROOT}
install -d -m 0700 ${ROOT}/certs
curl -sSf --retry 5 -o ${ROOT}/certs/AmazonRootCA1.pem https://www.amazontrust.com/repository/AmazonRootCA1.pem
step='the certificate and key of the device could not be read from its secret'
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if aws secretsmanager get-secret-value --region "$AWS_REGION" --secret-id "$CORE_SECRET_ARN" --query SecretString --output text | (umask 077; ${NODE} -e '
    const refuse = (reason) => { console.error(reason); process.exit(1); };
    let secret;
    try { secret = JSON.parse(fs.readFileSync(0, "utf8")); } catch { refuse("the secret was not read, or is not JSON"); } // the error itself would show a part of it
    const { certificatePem, certificateId, privateKeyPem } = secret;
    if (certificateId !== process.argv[1]) { refuse("the certificate is not in the secret yet"); }
    fs.writeFileSync("${ROOT}/certs/device.pem.crt", certificatePem);
    fs.writeFileSync("${ROOT}/certs/private.pem.key", privateKeyPem);
  ' "$CORE_CERTIFICATE_ID"); then break; fi
  sleep 10
done
test -s ${ROOT}/certs/private.pem.key
step="the nucleus could not be fetched from $CORE_NUCLEUS_URI"
work=$(mktemp -d)
cd "$work"
curl -sSf --retry 5 -o nucleus.zip "$CORE_NUCLEUS_URI"
step='the archive of the nucleus has not the digest or signature that it should have'
if [ -n "$CORE_NUCLEUS_SHA256" ]; then
  echo "$CORE_NUCLEUS_SHA256  nucleus.zip" | sha256sum --check --quiet
else
  jarsigner -verify -strict -certs -verbose nucleus.zip > signature.txt
  grep -q '^jar verified' signature.txt
  grep -q 'O="\\?Amazon' signature.txt
fi
step='the nucleus could not be installed'
unzip -q nucleus.zip -d installer
cat > config.yaml <<CONFIGURATION
${CONFIGURATION}CONFIGURATION
java -Droot=${ROOT} -Dlog.store=FILE -jar installer/lib/Greengrass.jar --init-config config.yaml --component-default-user ${USER}:ggc_group --setup-system-service true
cd /
rm -rf "$work"
step='the service of the nucleus did not start'
for attempt in 1 2 3 4 5 6; do
  if systemctl is-active --quiet greengrass.service; then break; fi
  sleep 5
done
systemctl is-active --quiet greengrass.service
`;
}
