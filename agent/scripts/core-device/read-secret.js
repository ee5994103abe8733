const refuse = (reason) => {
  console.error(reason);
  process.exit(1);
};
let secret;
try {
  secret = JSON.parse(fs.readFileSync(0, "utf8"));
} catch { // the error itself would show a part of it
  refuse("the secret was not read, or is not JSON");
}
const { certificatePem, certificateId, privateKeyPem } = secret;
if (certificateId !== process.argv[1]) {
  refuse("the certificate is not in the secret yet");
}
fs.writeFileSync("/greengrass/v2/certs/device.pem.crt", certificatePem);
fs.writeFileSync("/greengrass/v2/certs/private.pem.key", privateKeyPem);
